import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import { PERSON, till, VISIT } from '../../test/till';
import { holdSetAside, releaseResumed } from './set-aside';

const at = '2026-03-02T09:30:00.000Z';
const about = { visitId: VISIT, institutionId: 'H1', personId: PERSON };
const eventOf = <Type extends 'VisitSetAside' | 'VisitResumed'>(type: Type, moment: object) =>
  ({
    ...{ id: type, type, time: at, source: 'visit-ledger' },
    data: { ...about, ...moment },
  }) as unknown as ContractEvent<typeof visitLedgerVisits, Type>;

test('of a visit that is set aside nothing is collected or cleared, until it goes on', async () => {
  const { store, accounts, adjudicate, workThrough, payments, clearings, clock } = till();
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await adjudicate();
  const aside = eventOf('VisitSetAside', { setAsideAt: at });
  for (let heard = 0; heard < 2; heard += 1)
    await store.transact((transaction) => holdSetAside(aside, transaction));
  await workThrough();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'due', paidFen: 0 });
  clock.set('2026-03-03T09:00:00Z');
  expect(await clearings.clear('2026-03-02')).toMatchObject({ visits: 0 });
  await store.transact((transaction) =>
    releaseResumed(eventOf('VisitResumed', { resumedAt: at }), transaction),
  );
  await workThrough();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
});
