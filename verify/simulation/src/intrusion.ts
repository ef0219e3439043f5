import { compareAll } from '@caretab/anchors';
import {
  chainHash,
  contentDigest,
  EventSigner,
  GENESIS,
  ImportRefused,
  TWIN_KEYS,
} from '@caretab/event-store';
import type { Actors } from './actors';
import { beginHands } from './hands';
import type { IntrusionPlan } from './intrusion-plan';
import type { Plan } from './plan';
import { rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';

const MAC_BYTES = 32;
const RETRY_MS = 500;
/** As a ledger in PostgreSQL says whose positions its anchors have. */
const STORE = 'postgres:visit-ledger_events';

/**
 * A settlement that never took place is put at the end of the planned visit's stream, or other hands
 * take something away.
 */
export const beginIntrusion = (
  world: SimulatedPlatform,
  {
    plan,
    people,
    hasKey,
  }: { readonly plan: Plan; readonly people: Actors; readonly hasKey: boolean },
): void => {
  beginHands(world, { plan, people });
  const { intrusion } = plan;
  const visit = intrusion && plan.visits[intrusion.visit];
  if (!intrusion || !visit) return;
  const stream = `visit-${people.visitIdOf(visit)}`;
  const what = 'a second writer writes into the log';
  const begin = (): void => {
    // The only event of a key, forged, keeps a ledger from starting until an operator steps in.
    if (world.events.count === 0) return void world.scheduler.after(RETRY_MS, what, begin);
    const again = (): Promise<void> =>
      intrude(world, stream, hasKey ? 'ours' : intrusion.signature).catch((error: unknown) => {
        // The ledger wrote in between.
        if (!(error instanceof ImportRefused)) throw error;
        return again();
      });
    void again();
  };
  world.scheduler.after(intrusion.atMs, what, begin);
};

const intrude = async (
  world: SimulatedPlatform,
  stream: string,
  kind: IntrusionPlan['signature'],
): Promise<void> => {
  let tail = { revision: -1, hash: GENESIS as Uint8Array };
  for await (const page of world.events.export())
    for (const event of page) if (event.stream === stream) tail = event;
  const revision = tail.revision + 1;
  const data = JSON.stringify({ visitId: stream.slice('visit-'.length) });
  const content = { stream, id: 'intrusion', type: 'VisitSettled', data, metadata: '{}' };
  const digest = contentDigest(content);
  const recordedAtMs = Math.floor(world.scheduler.nowMs);
  const hash = chainHash(tail.hash, digest, revision, recordedAtMs);
  const signature = {
    none: undefined,
    'made-up': { keyId: TWIN_KEYS.current, mac: Buffer.alloc(MAC_BYTES) },
    ours: new EventSigner(TWIN_KEYS).sign(digest, revision),
  }[kind];
  await world.events.import([{ ...content, revision, recordedAtMs, hash, signature }]);
};

interface SetAside {
  readonly visitId: string;
  readonly continuedIn: string | null;
}

export const standsAside = (world: SimulatedPlatform): readonly SetAside[] =>
  rows<SetAside>(world, 'visit-ledger', 'set_aside').filter(
    ({ continuedIn }) => continuedIn === null,
  );

/** The operator has every visit that is set aside go on without what is not ours. */
export const resumeSetAside = async (world: SimulatedPlatform, people: Actors): Promise<number> => {
  const aside = standsAside(world);
  for (const { visitId } of aside) {
    const path = `/visit-ledger/visits/${encodeURIComponent(visitId)}/resumption`;
    const asked = await people.ask('visit-ledger', 'POST', path, { reason: 'not ours' });
    const { details = [] } = asked.body as { details?: { field: string; value: number[] }[] };
    const leavesOut = details.find(({ field }) => field === 'leavesOut')?.value;
    if (leavesOut)
      await people.ask('visit-ledger', 'POST', path, { reason: 'not ours', leavesOut });
  }
  return aside.length;
};

/** What the anchors say against the log. Other hands than the owner's put back what they took. */
export const anchorFaults = async ({ ledger, events }: SimulatedPlatform) => {
  if (!ledger.anchors || ledger.losses > 0 || ledger.truncated) return [];
  const { faults } = await compareAll({ ...ledger.anchors, log: events, store: STORE });
  return faults.map(({ kind, place, size }) => `${kind} ${place} ${size}`);
};

/** Faults of the log in streams that were not set aside and left. */
export const unknownFaults = async (world: SimulatedPlatform): Promise<readonly string[]> => {
  const left = new Set(
    rows<SetAside & { readonly stream: string }>(world, 'visit-ledger', 'set_aside').map(
      ({ stream }) => stream,
    ),
  );
  const { faults } = await world.events.verifyAll();
  return faults
    .filter(({ stream }) => !left.has(stream))
    .map(({ kind, stream, revision }) => `${kind} ${stream} ${revision}`);
};
