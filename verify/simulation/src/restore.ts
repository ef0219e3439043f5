import type { MemoryDatabase } from '@caretab/store';
import type { Actors } from './actors';
import type { InvariantWatch } from './invariant-watch';
import { rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';

const DECIDED = { evidence: 'statement' } as const;
/** Payment has the time to collect, first by itself, then because citizens pay; proven or not. */
const PAYING_MS = 45_000;
/** Payment compares itself with the ledger at least twice. */
const COMPARING_MS = 45_000;

export interface Parts {
  readonly world: SimulatedPlatform;
  readonly people: Actors;
  readonly watch: InvariantWatch;
  /** Lets the platform go on until the work is done. */
  during<Result>(work: Promise<Result>): Promise<Result>;
}

/**
 * Payment's database is restored from a copy that was taken before anything happened: no visit, no
 * order, no bound account. Citizens pay what they are said to owe; then operators follow the runbook
 * (docs/runbooks/after-a-restore.md). The bank's own book is the judge.
 */
class Restore {
  /** Money that was adopted. */
  adopted = 0;

  constructor(private readonly parts: Parts) {}

  async go(copy: MemoryDatabase): Promise<void> {
    const { world, watch, people } = this.parts;
    world.restore('payment', copy);
    watch.restored('payment');
    const { during } = this.parts;
    await during(isUp(world));
    await during(this.publishAgain());
    await during(world.scheduler.sleep(PAYING_MS));
    for (const visitId of watch.book.tabs.keys())
      await during(
        people.ask('payment', 'POST', `/payment/visits/${encodeURIComponent(visitId)}/pay`, {
          token: `again-${visitId}:ok`,
          channel: 'unionpay',
        }),
      );
    await during(world.scheduler.sleep(PAYING_MS));
    for (const kind of ['capture', 'refund'] as const) await during(this.adopt(kind));
    // The runbook's last step: a hold ends where both agree, and the visit can be cleared.
    await during(world.scheduler.sleep(COMPARING_MS));
  }

  private async publishAgain(): Promise<void> {
    const { world, people } = this.parts;
    let after: string | undefined;
    do {
      const { body } = await people.ask('visit-ledger', 'POST', '/visit-ledger/publication', {
        from: '2026-03-01T00:00:00Z',
        until: world.scheduler.now().toISOString(),
        ...(after !== undefined && { after }),
      });
      after = (body as { next?: string }).next;
    } while (after !== undefined);
    const isBehind = async (): Promise<boolean> =>
      (await world.bus.lag('payment.collection', ['visit-ledger.visits'])) > 0;
    while (await isBehind()) await world.scheduler.sleep(500);
  }

  /** What the bank's statements have and payment does not: the visit is found by trying. */
  private async adopt(kind: 'capture' | 'refund'): Promise<void> {
    const { world, people, watch } = this.parts;
    const known = new Set(
      kind === 'capture'
        ? rows<{ orderId: string }>(world, 'payment', 'capture').map(({ orderId }) => orderId)
        : rows<{ refundId: string; status: string }>(world, 'payment', 'refund')
            .filter(({ status }) => status === 'completed')
            .map(({ refundId }) => refundId),
    );
    for (const date of world.acquirer.withNext(world.days()))
      for (const entry of world.acquirer.book.statement(date, world.scheduler.now())) {
        const id = entry.kind === 'refund' ? entry.refundId : entry.orderId;
        if (entry.kind !== kind || id === undefined || known.has(id)) continue;
        for (const [visitId, { paidFen }] of watch.book.tabs) {
          if (paidFen === 0) continue;
          const adoption = { ...DECIDED, visitId, kind, id, channel: 'unionpay', date };
          const { status } = await people.ask('payment', 'POST', '/payment/adoptions', adoption);
          if (status === 200) this.adopted += 1;
          if (status === 200) break;
        }
      }
  }
}

export const isUp = async (world: SimulatedPlatform): Promise<void> => {
  while (!world.isUp) await world.scheduler.sleep(500);
};

/** Returns how often money was adopted. */
export const restoreAndRepair = async (parts: Parts, copy: MemoryDatabase): Promise<number> => {
  const restore = new Restore(parts);
  await restore.go(copy);
  return restore.adopted;
};
