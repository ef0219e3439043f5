import { visitLedgerVisits } from '@caretab/contracts';
import { MemoryBus } from '@caretab/bus';
import { TestTimers } from '@caretab/doubles';
import { Decisions } from './hospitals-decisions';

const message = (type: string, chargeId: string) => ({
  key: 'CH001-V1',
  headers: { ce_type: type },
  value: JSON.stringify({ visitId: 'CH001-V1', chargeId }),
});

test(
  'each charge’s first decision is told, with when it was sent; other facts, ' +
    'repetitions and strangers are not',
  async () => {
    const bus = new MemoryBus(new TestTimers());
    await bus.declare([{ name: visitLedgerVisits.name, partitions: 1, retentionMs: 1000 }]);
    const decisions = new Decisions();
    const heard: (readonly [number, number])[] = [];
    decisions.onDecision((sentAtMs, decidedAtMs) => void heard.push([sentAtMs, decidedAtMs]));
    await decisions.listen(bus, 'a hospital');
    for (const chargeId of ['a', 'b', 'c']) decisions.sent('CH001-V1', chargeId);
    await bus.send(visitLedgerVisits.name, [
      message('VisitOpened', ''),
      message('ChargeDeferred', 'a'),
      message('ChargeDeferred', 'a'),
      message('ChargeNotDeferred', 'b'),
      message('ChargeDeferred', 'stranger'),
    ]);
    while ((await bus.lag('a hospital', [visitLedgerVisits.name])) > 0)
      await new Promise(setImmediate);
    await decisions.stop();
    expect(decisions).toMatchObject({ decided: 2, undecided: 1 });
    expect(heard).toHaveLength(2);
    for (const [sentAtMs, decidedAtMs] of heard)
      expect(decidedAtMs).toBeGreaterThanOrEqual(sentAtMs);
  },
);
