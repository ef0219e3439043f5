import { twinTokensOf } from '@caretab/host';
import { systemTimers } from '@caretab/kernel';
import { hospitalOf } from './institution.guard';
import { VisitLedgerClient } from './visit-ledger.adapter';

const clientOn = (status: number, body: object): VisitLedgerClient =>
  new VisitLedgerClient({
    url: 'http://ledger.test',
    asked: 'visit-ledger',
    tokens: twinTokensOf('gateway'),
    timers: systemTimers,
    fetch: () => Promise.resolve(new Response(JSON.stringify(body), { status })),
  });
const charge = { visitId: 'HZ001-V1', chargeId: 'C1' };

test('a visit that is set aside is named, whatever is asked of it', async () => {
  const client = clientOn(409, { code: 'VISIT_SET_ASIDE' });
  const named = { code: 'VISIT_SET_ASIDE', kind: 'conflict' };
  await expect(client.history('HZ001-V1', hospitalOf('HZ001'))).rejects.toMatchObject(named);
  await expect(client.answerLateCharge(charge, true)).rejects.toMatchObject(named);
});

test('a charge that waits for no answer has no code, and another answer is no answer', async () => {
  const notLate = clientOn(409, { code: 'CHARGE_NOT_LATE' });
  await expect(notLate.answerLateCharge(charge, true)).rejects.toMatchObject({
    code: 'AGREEMENT_UNKNOWN',
  });
  await expect(notLate.history('HZ001-V1', hospitalOf('HZ001'))).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
  });
});
