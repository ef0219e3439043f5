import { Positions } from '@caretab/host';
import { type MemoryDatabase, MemoryStore } from '@caretab/store';
import { factsAfter } from './ledger-facts';
import { isUp, type Parts } from './restore';
import { rows } from './quiescence';
import { must } from './violation';
import type { RestoredService } from './plan';
import type { SimulatedPlatform } from './simulated-platform';

/** Backups that may be restored, by service. */
export type Copies = Readonly<Record<RestoredService, MemoryDatabase>>;

interface Hold {
  readonly visitId: string;
  readonly status: string;
  readonly heldFen: number;
}
interface Enrolment {
  readonly personId: string;
  readonly status: string;
}
interface Score {
  readonly personId: string;
  readonly score: number;
  readonly scoredAt: Date;
}
interface Account {
  readonly accountPersonId: string;
  readonly frozenReason: string | null;
}

const positionsOf = (world: SimulatedPlatform, database: MemoryDatabase): Positions => {
  const running = world.instances.find(({ service }) => service === 'credit');
  return new Positions({
    service: 'credit',
    store: new MemoryStore({ database }),
    bus: world.bus,
    clock: world.scheduler,
    consumers: running?.instance.consumers ?? [],
  });
};

/** Yesterday's backup: all citizens are registered, no visit has begun. */
export const copyOfCredit = async (world: SimulatedPlatform): Promise<MemoryDatabase> => {
  const copy = world.databases.get('credit')!.copied();
  // As the chassis does at its start: every partition has a position from then on.
  await positionsOf(world, copy).begin();
  return copy;
};

/** What authorities, operators and citizens decided through doors alone: no message has it. */
interface Decided {
  readonly scores: readonly Score[];
  readonly closed: readonly string[];
  readonly frozen: readonly { readonly personId: string; readonly reason: string }[];
}

const decidedIn = (world: SimulatedPlatform): Decided => ({
  scores: rows<Score>(world, 'credit', 'score'),
  closed: rows<Enrolment>(world, 'credit', 'enrolment')
    .filter(({ status }) => status === 'closed')
    .map(({ personId }) => personId),
  frozen: rows<Account>(world, 'credit', 'account').flatMap((account) =>
    account.frozenReason === null || account.frozenReason === 'PAYMENT_MISSED'
      ? []
      : [{ personId: account.accountPersonId, reason: account.frozenReason }],
  ),
});

/**
 * Credit's database is restored from yesterday's copy, and operators follow the runbook
 * (docs/runbooks/after-a-restore.md): messages are delivered again, and what came through doors
 * alone is repeated.
 */
export const restoreCredit = async (parts: Parts, copy: MemoryDatabase): Promise<void> => {
  const { world, watch, people, during } = parts;
  const decided = decidedIn(world);
  world.restore('credit', copy);
  watch.restored('credit');
  await during(isUp(world));
  for (const { personId, score, scoredAt } of decided.scores)
    await during(
      people.ask('credit', 'PUT', `/credit/persons/${personId}/score`, {
        score,
        scoredAt: scoredAt.toISOString(),
      }),
    );
  await during(positionsOf(world, copy).rewind());
  await during(hasCaughtUp(world));
  for (const { personId, reason } of decided.frozen)
    await during(people.ask('credit', 'PUT', `/credit/accounts/${personId}/freeze`, { reason }));
  for (const personId of decided.closed)
    await during(people.ask('credit', 'DELETE', `/credit/enrolments/${personId}`));
  await holdsAsTheLedgerSays(parts);
};

const hasCaughtUp = async (world: SimulatedPlatform): Promise<void> => {
  const isBehind = async (): Promise<boolean> => {
    const lags = await Promise.all([
      world.bus.lag('credit.hold', ['visit-ledger.visits']),
      world.bus.lag('credit.guardian', ['identity.persons']),
    ]);
    return lags.some((lag) => lag > 0);
  };
  while (await isBehind()) await world.scheduler.sleep(500);
};

/**
 * By the ledger's facts alone: an open visit has its answer, a visit that is over holds nothing. How
 * much an open visit holds is decided once more, by the line as it is then: a limit that the
 * runbook names. Throws Violation.
 */
const holdsAsTheLedgerSays = async ({ world, watch }: Parts): Promise<void> => {
  const open = new Set<string>();
  const { facts } = await factsAfter(world, 0n);
  for (const { type, data } of facts) {
    const { visitId } = data as { visitId: string };
    if (type === 'CreditAuthorized' || type === 'CreditDeclined') open.add(visitId);
    else if (type === 'VisitCancelled' || type === 'VisitAdjudicated') open.delete(visitId);
  }
  const holds = rows<Hold>(world, 'credit', 'hold');
  for (const visitId of open)
    must(
      holds.some((hold) => hold.visitId === visitId),
      'holds',
      () => ({ visitId, hold: 'lost' }),
    );
  for (const { visitId, status } of holds)
    if (open.has(visitId))
      (status === 'declined' ? watch.declinedAgain : watch.heldAgain).add(visitId);
  for (const hold of holds)
    must(hold.heldFen === 0 || open.has(hold.visitId), 'holds', () => ({ isOver: hold }));
};
