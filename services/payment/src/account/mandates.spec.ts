import type { ContractEvent, identityPersons } from '@caretab/contracts';
import { PERSON, till, VISIT } from '../../test/till';

const account = { channel: 'unionpay', token: 'acct-1:ok' };

const shop = async () => {
  const made = till();
  await made.accounts.bind(PERSON, account);
  const hears = (revision: number, ...revoked: readonly ('debit-mandate' | 'score')[]) => {
    const changedAt = made.clock.now().toISOString();
    const data = { personId: PERSON, revision, revoked: [...revoked], changedAt };
    const event = { id: `c-${revision}`, type: 'ConsentsChanged', time: changedAt, data };
    return made.store.transact((transaction) =>
      made.accountEnds.consentsChanged(
        event as unknown as ContractEvent<typeof identityPersons, 'ConsentsChanged'>,
        transaction,
      ),
    );
  };
  return { ...made, hears };
};

test('who took the mandate back is not debited, and no account is bound before it is given again', async () => {
  const { hears, accounts, adjudicate, collector, payments } = await shop();
  await hears(3, 'debit-mandate');
  await adjudicate();
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({
    status: 'declined',
    declineReason: 'NO_BOUND_ACCOUNT',
    orders: [],
  });
  await expect(accounts.bind(PERSON, account)).rejects.toThrow('MANDATE_REVOKED');
  await hears(4);
  // News of before changes nothing.
  await hears(3, 'debit-mandate');
  await accounts.bind(PERSON, account);
});

test('another consent that is taken back leaves the account', async () => {
  const { hears, adjudicate, collector, payments } = await shop();
  await hears(1, 'score');
  await adjudicate();
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
});

test('a person sees the account without its token, and unbinds it; an order that is out goes on', async () => {
  const { accounts, adjudicate, clock, collector, memoryChannel, payments } = await shop();
  const bound = { channel: 'unionpay', isOpen: true, boundAt: clock.now() };
  const shown = await accounts.of(PERSON);
  expect(shown).toMatchObject({ personId: PERSON, account: bound, mandateRevoked: false });
  expect(JSON.stringify(shown)).not.toContain('acct-1');
  await accounts.bind(PERSON, { ...account, token: 'acct-1:no-answer-captured', approvedBy: 'b' });
  await adjudicate();
  await collector.runOnce();
  await accounts.unbind(PERSON);
  await accounts.unbind(PERSON);
  expect((await accounts.of(PERSON)).account).toBeNull();
  clock.advance(60_000);
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  expect(memoryChannel.payments.size).toBe(1);
  await adjudicate({ visitId: 'H1-2', revision: 1 });
  await collector.runOnce();
  expect(await payments.of('H1-2')).toMatchObject({ declineReason: 'NO_BOUND_ACCOUNT' });
});
