import type { ContractEvent, identityPersons } from '@caretab/contracts';
import fc from 'fast-check';
import { PERSON, till, VISIT } from '../../test/till';
import { Confirmations } from '../collection/confirmations';
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
  return { ...made, hears, confirmations: new Confirmations(made) };
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

test.each(['before', 'after'])(
  'what waits for a confirmation %s the death is declined; taken back, it is asked about again',
  async (when) => {
    const { hears, adjudicate, collector, payments, said, confirmations } = await shop();
    const typed = (): Promise<void> => adjudicate({ presence: 'typed' });
    const waits = async (): Promise<void> => {
      await typed();
      await collector.runOnce();
    };
    if (when === 'before') await waits();
    await hears(1);
    if (when === 'after') await waits();
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({
      ...{ status: 'declined', declineReason: 'PERSON_DIED', orders: [] },
    });
    await expect(confirmations.answer(VISIT, true)).rejects.toThrow('CONFIRMATION_NOT_AWAITED');
    await hears(2);
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'awaiting-confirmation' });
    await confirmations.answer(VISIT, true);
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
    const ids = (await said()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

test('what the person denied stays a case of staff, who may still say that it is theirs', async () => {
  const { hears, adjudicate, collector, payments, confirmations } = await shop();
  await adjudicate({ presence: 'typed' });
  await collector.runOnce();
  await confirmations.answer(VISIT, false);
  await hears(1);
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'disputed' });
  await confirmations.answer(VISIT, true);
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ declineReason: 'PERSON_DIED', orders: [] });
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
