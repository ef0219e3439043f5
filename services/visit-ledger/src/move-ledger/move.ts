import type {
  AuditTrail,
  EventStore,
  KnownFaults,
  LogAuditReport,
  Transferable,
  TransferredEvent,
} from '@caretab/event-store';
import type { Clock } from '@caretab/kernel';
import { pendingAfter } from '../views/checkpoints';
import type { SetAsideRow } from '../set-aside/set-aside.table';
import type { ReadTo } from '../views/checkpoint.table';
import { visitIdOf } from '../visit/visit-streams';
import { compareLogs, type Comparison } from './compare';

export type MovableLedger = Transferable & AuditTrail & Pick<EventStore, 'head' | 'readAll'>;

/** The service's readers and how far they have come. */
export interface ReaderCheckpoints {
  read(): Promise<readonly ReadTo[]>;
  /** The streams that are set aside, and where their visits go on. */
  setAside(): Promise<readonly Pick<SetAsideRow, 'stream' | 'revision' | 'continuedIn'>[]>;
  /** All at once, each only if it is still what was read. */
  replace(changes: readonly { readonly was: ReadTo; readonly is: ReadTo }[]): Promise<void>;
}

export interface MoveParts {
  readonly source: MovableLedger;
  readonly sourceId: string;
  readonly target: MovableLedger;
  readonly targetId: string;
  readonly checkpoints: ReaderCheckpoints;
  /** Position of the source after which every event is signed. */
  readonly signedAfter?: bigint | undefined;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** Checks and reports, and writes nothing. */
  readonly dryRun: boolean;
}

export interface MoveReport {
  readonly events: number;
  readonly streams: number;
  /** Faults of streams that were set aside and whose visits go on: copied as they are. */
  readonly knownFaults: number;
  /** Copied by this run; the others were there. */
  readonly moved: number;
  /**
   * Hex; over the order of all events, equal in both stores. Absent in a dry run that still has
   * something to move.
   */
  readonly digest?: string;
  /** Position of the target after which every event is signed. */
  readonly signedAfter?: string;
  readonly checkpoints: readonly {
    readonly reader: string;
    readonly from: string;
    readonly to: string;
  }[];
}

/** The ledger is not moved, or the two are not equal; says what was found and what to do. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
}

/** Once a second. */
const REPORT_INTERVAL_MS = 1_000;

/**
 * Copies what the target does not have yet, proves both equal, then turns the readers' checkpoints
 * into the target's positions. Broken off anywhere, the same run again goes on; done, it proves
 * once more. Throws MoveRefused, and until the proof nothing but the copy was written.
 */
export const moveLedger = async (parts: MoveParts): Promise<MoveReport> => {
  const { source, target, checkpoints, signedAfter: boundary, say, dryRun } = parts;
  const readers = await checkpoints.read();
  await refuseReaders(parts, readers);
  const known = await decidedFaults(checkpoints);
  const { events, streams, knownFaults } = await intact(parts, 'source', known);
  const before = refuseOther(await compareLogs(source, target, { known }));
  const moved = events - before.common;
  say(`${before.common} of ${events} events are in the target already`);
  if (dryRun && moved > 0) return { events, streams, knownFaults, moved, checkpoints: [] };
  if (moved > 0) await copy(parts, known, { present: before.common, total: events });
  await intact(parts, 'target', known);
  const ours = readers.filter(
    ({ position, store }) => position !== '0' && store === parts.sourceId,
  );
  const after = refuseOther(
    await compareLogs(source, target, {
      known,
      positions: [
        ...ours.map(({ position }) => BigInt(position)),
        ...(boundary === undefined ? [] : [boundary]),
      ],
    }),
  );
  if (after.outcome !== 'equal' || after.common !== events)
    throw new MoveRefused(
      `The source grew from ${events} events during the move: a service still ` +
        'writes to it. Stop every visit-ledger service and run this again.',
    );
  const changes = ours.map((was) => ({
    was,
    is: {
      ...was,
      position: String(after.translated.get(BigInt(was.position))),
      store: parts.targetId,
      // By it the place is proven again once the reader goes on.
      ...{ eventId: null, before: null },
    },
  }));
  if (!dryRun) await checkpoints.replace(changes);
  return {
    events,
    streams,
    knownFaults,
    moved,
    digest: after.digest,
    ...(boundary !== undefined && { signedAfter: String(after.translated.get(boundary) ?? 0n) }),
    checkpoints: changes.map(({ was, is }) => ({
      reader: was.name,
      from: was.position,
      to: is.position,
    })),
  };
};

/**
 * Checkpoints must be of one of both stores, and all facts for publication must be published:
 * otherwise positions cannot be translated.
 */
const refuseReaders = async (
  { source, sourceId, targetId, say }: MoveParts,
  readers: readonly ReadTo[],
): Promise<void> => {
  const head = await source.head();
  for (const { name, position, store } of readers) {
    if (position !== '0' && store !== sourceId && store !== targetId)
      throw new MoveRefused(
        `The checkpoint "${name}" was made with ${store}, which is neither ${sourceId} ` +
          `nor ${targetId}. Is --checkpoints this ledger's own database?`,
      );
    if (store === sourceId && BigInt(position) > head)
      throw new MoveRefused(
        `The checkpoint "${name}" is at ${position}, but the source ends at ${head}. ` +
          'It is another ledger, or an older copy of this one.',
      );
  }
  const publication = readers.find(({ name }) => name === 'publication');
  if (publication?.position !== '0' && publication?.store === targetId)
    return say("the checkpoints are the target's already");
  const pending = await pendingAfter(source, BigInt(publication?.position ?? '0'));
  if (pending > 0)
    throw new MoveRefused(
      `${pending}${pending === 100 ? ' or more' : ''} events of the source are not ` +
        'published yet. Start the service with the source, wait until its backlog ' +
        'shows publication 0, stop it, and run this again.',
    );
};

/** Faults that an operator decided: their visits go on elsewhere. Throws MoveRefused for others. */
const decidedFaults = async (
  checkpoints: Pick<ReaderCheckpoints, 'setAside'>,
): Promise<KnownFaults> => {
  const rows = await checkpoints.setAside();
  const [standing, ...others] = rows.filter(({ continuedIn }) => continuedIn === null);
  if (standing)
    throw new MoveRefused(
      `${1 + others.length} visits stand aside, first ${visitIdOf(standing.stream)}. Start the service with ` +
        'the source, resume them (docs/runbooks/set-aside.md), ' +
        'stop it, and run this again.',
    );
  return new Map(rows.map(({ stream, revision }) => [stream, revision]));
};

/** Every chain and the order of all. Throws MoveRefused at the first fault that is not known. */
const intact = async (
  parts: MoveParts,
  which: 'source' | 'target',
  known: KnownFaults,
): Promise<LogAuditReport> => {
  parts.say(`verifying the ${which} …`);
  const report = await parts[which].verifyAll({ known });
  const [fault, ...others] = report.faults;
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  if (fault)
    throw new MoveRefused(
      `The ${which} is not what was recorded: ${fault.kind} of event ` +
        `${fault.revision} of stream ${fault.stream}${more}. ` +
        'Keep it as it is and find out why.',
    );
  return report;
};

const refuseOther = (comparison: Comparison): Comparison => {
  const { outcome, common, at } = comparison;
  if (outcome === 'different')
    throw new MoveRefused(
      `The target holds other events: after ${common} events that are alike it has ` +
        `event ${at!.revision} of stream ${at!.stream}, which the source has not there.`,
    );
  if (outcome === 'ahead')
    throw new MoveRefused(
      `The target holds all ${common} events of the source and more, from event ` +
        `${at!.revision} of stream ${at!.stream}: the ledger went on there.`,
    );
  return comparison;
};

const copy = async (
  { source, target, clock, say }: MoveParts,
  known: KnownFaults,
  { present, total }: { readonly present: number; readonly total: number },
): Promise<void> => {
  const startedAtMs = clock.now().getTime();
  let toldAtMs = startedAtMs;
  let read = 0;
  for await (const page of source.export(known)) {
    const missing: readonly TransferredEvent[] = page.slice(Math.max(0, present - read));
    read += page.length;
    if (missing.length > 0) await target.import(missing, known);
    const nowMs = clock.now().getTime();
    if (missing.length === 0 || (nowMs - toldAtMs < REPORT_INTERVAL_MS && read < total)) continue;
    toldAtMs = nowMs;
    say(
      `${read} of ${total} events copied, ` +
        `${Math.round(((read - present) * 1000) / Math.max(1, nowMs - startedAtMs))} ` +
        'events/s',
    );
  }
};
