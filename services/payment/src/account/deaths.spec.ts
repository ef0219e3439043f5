import type { ContractEvent, identityPersons } from '@caretab/contracts';
import fc from 'fast-check';
import { PERSON, till, VISIT } from '../../test/till';
import { mandateTable } from './mandate.table';

const account = { channel: 'unionpay', token: 'acct-1:ok' };

const shop = async () => {
  const made = till();
  await made.accounts.bind(PERSON, account);
  /** Odd revisions record a death, even ones take it back. */
  const hears = (revision: number): Promise<void> => {
    const recordedAt = made.clock.now().toISOString();
    const type = revision % 2 === 1 ? 'PersonDied' : 'PersonDeathTakenBack';
    const data = { personId: PERSON, revision, recordedAt };
    const event = { id: `d-${revision}`, type, time: recordedAt, data };
    return made.store.transact((transaction) =>
      made.deaths.record(
        event as unknown as ContractEvent<typeof identityPersons, 'PersonDied'>,
        transaction,
      ),
    );
  };
  return { ...made, hears };
};

test('who has died is not debited and binds nothing; taken back, what is due is collected', async () => {
  const { hears, accounts, adjudicate, collector, payments } = await shop();
  await hears(1);
  await adjudicate();
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({
    status: 'declined',
    declineReason: 'PERSON_DIED',
    orders: [],
  });
  const other = { ...account, token: 'acct-2:ok' };
  await expect(accounts.bind(PERSON, other)).rejects.toThrow('PERSON_DIED');
  await hears(2);
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
});

test('what was paid before stays paid', async () => {
  const { hears, adjudicate, collector, payments } = await shop();
  await adjudicate();
  await collector.runOnce();
  await hears(1);
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
});

test('in whatever order and how often messages come, the highest revision holds', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
      async (revisions) => {
        const { hears, store } = await shop();
        for (const revision of revisions) await hears(revision);
        const highest = Math.max(...revisions);
        const mandate = await store.transact((transaction) =>
          transaction.rows(mandateTable).get({ personId: PERSON }),
        );
        expect(mandate).toMatchObject({ deathRevision: highest, died: highest % 2 === 1 });
      },
    ),
    { numRuns: 30 },
  ));
