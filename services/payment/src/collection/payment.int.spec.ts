import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TypeOrmStore } from '@caretab/store';
import { type Acquirer, startAcquirer } from '@caretab/sandbox';
import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { ChannelGateway } from '../channel/channel.gateway';
import { payment } from '..';
import { PERSON, policy, till, VISIT } from '../../test/till';

const secret = 'an acquirer secret';
const clock = { now: () => new Date() };
const journalFile = join(mkdtempSync(join(tmpdir(), 'acquirer-')), 'acquirer.jsonl');
let database: TestDatabase;
let acquirer: Acquirer;
let schemas = 0;
/** Closed after each test, also after one that failed: an open pool keeps the run from ending. */
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

beforeAll(async () => {
  database = await testDatabase();
  acquirer = await startAcquirer({
    host: '127.0.0.1',
    port: 0,
    secret,
    journalFile,
    processingMs: 100,
  });
});
afterAll(async () => {
  await acquirer.stop();
  await database.drop();
});

const gateway = (timeoutMs = 300): ChannelGateway =>
  new ChannelGateway({ url: acquirer.url, secret, timeoutMs, clock });

const openStore = async (): Promise<TypeOrmStore> => {
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: `payment_${++schemas}`,
    tables: payment.tables,
    migrations: payment.migrations,
  });
  opened.push(store);
  return store;
};

const world = async (token: string) => {
  const store = await openStore();
  const made = till({
    store,
    channel: () => gateway(),
    clock: { ...clock, advance: () => undefined, set: () => undefined },
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token });
  return { ...made, store, schema: `payment_${schemas}` };
};

const until = async (work: () => Promise<unknown>, done: () => Promise<boolean>): Promise<void> => {
  for (let round = 0; round < 60 && !(await done()); round++) {
    await work();
    await sleep(100);
  }
};

test.each(['ok', 'no-answer-captured', 'no-answer-lost', 'late-600', 'processing', 'error-once'])(
  'over real HTTP and real rows an account that is %s pays once, sends the difference back, clears and reconciles',
  async (behaviour) => {
    const { store, adjudicate, collector, refunder, payments, said, reconciliations } = await world(
      `acct-${behaviour}-${schemas}:${behaviour}`,
    );
    const visitId = `H1-${behaviour.replaceAll('-', '.')}`;
    await adjudicate({ visitId });
    await until(
      () => collector.runOnce(),
      async () => (await payments.of(visitId)).status === 'paid',
    );
    await adjudicate({ visitId, revision: 2, patientDueFen: 20_000 });
    await until(
      () => refunder.runOnce(),
      async () => (await payments.of(visitId)).refundedFen > 0,
    );
    expect((await said()).map(({ type, amountFen }) => [type, amountFen])).toEqual([
      ['PaymentCaptured', 30_000],
      ['RefundCompleted', 10_000],
    ]);
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    // Today is cleared once it is over, by a clock of two days later.
    const later = fixedClock(new Date(Date.now() + 48 * 3_600_000).toISOString());
    const { clearings } = till({ store, clock: later });
    expect(await clearings.clear(today)).toMatchObject({ visits: 1, balanceFen: 0 });
    expect(await clearings.clear(today)).toEqual(await clearings.get(today));
    expect((await payments.summary()).trialBalance.differenceFen).toBe(0);
    const { onlyOurs, amountsDiffer, matched } = await reconciliations.of(today);
    expect({ onlyOurs, amountsDiffer, matched }).toEqual({
      onlyOurs: [],
      amountsDiffer: [],
      matched: 2,
    });
  },
);

test('two workers side by side collect each visit once', async () => {
  const { adjudicate, collector, said } = await world('acct-two:ok');
  for (let number = 1; number <= 20; number++) await adjudicate({ visitId: `H1-two.${number}` });
  await Promise.all([collector.runOnce(), collector.runOnce()]);
  expect((await said()).filter(({ type }) => type === 'PaymentCaptured')).toHaveLength(20);
});

test('a clock that jumps back an hour holds up no collection and no refund, and moves no money twice', async () => {
  const store = await openStore();
  const clock = fixedClock('2026-03-02T17:30:00Z');
  const { adjudicate, accounts, collections, collector, refunder, payments, memoryChannel, said } =
    till({ store, clock });
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct:no-answer-lost' });
  const visits = ['H1-due', 'H1-out', 'H1-refund', 'H1-declined'];
  const [due, out, refund, declined] = visits as [string, string, string, string];
  const moments = async (): Promise<void> => {
    for (let round = 0; round < 6; round++) {
      await collector.runOnce();
      await collector.runOnce();
      await refunder.runOnce();
      await refunder.runOnce();
      clock.advance(4000);
    }
  };
  await adjudicate({ visitId: refund });
  await moments();
  expect(await payments.of(refund)).toMatchObject({ status: 'paid' });
  const approvedBy = 'op-2';
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct:declined', approvedBy });
  await adjudicate({ visitId: declined });
  for (let attempt = 0; attempt < 2; attempt++) {
    await collector.runOnce();
    clock.advance(policy.retryDelayMs);
  }
  expect(await payments.of(declined)).toMatchObject({ status: 'declined' });
  const back = { channel: 'unionpay', token: 'acct:no-answer-lost', approvedBy };
  await accounts.bind(PERSON, back);
  await adjudicate({ visitId: out });
  await collector.runOnce(); // Sent, and nobody knows what became of it.
  await adjudicate({ visitId: refund, revision: 2, patientDueFen: 20_000 });
  await adjudicate({ visitId: due });
  await collections.payNow(declined, { channel: 'alipay', token: 'acct:ok' });
  clock.advance(-3_600_000);
  await moments();
  for (const visitId of visits)
    expect(await payments.of(visitId)).toMatchObject({ visitId, status: 'paid', owedFen: 0 });
  const ids = (await said()).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(
    [...memoryChannel.payments.values()].filter(({ outcome }) => outcome.status === 'captured'),
  ).toHaveLength(4);
  expect(memoryChannel.refunds.size).toBe(1);
  expect((await payments.summary()).trialBalance.differenceFen).toBe(0);
});

test('the journal can neither be changed nor left unbalanced, by anybody', async () => {
  const { adjudicate, schema } = await world('acct-journal:ok');
  await adjudicate({ visitId: VISIT });
  const client = new Client({
    connectionString: database.url,
    options: `-c search_path=${schema}`,
  });
  await client.connect();
  opened.push({ close: () => client.end() });
  await expect(client.query('update journal_entry set debit_fen = 1')).rejects.toThrow(
    'never changed',
  );
  await expect(client.query('delete from journal_entry')).rejects.toThrow('never changed');
  await expect(
    client.query(
      `insert into journal_entry values ('x#1', 'x', 'receivable/patients', 1, 0, now())`,
    ),
  ).rejects.toThrow('not equal');
});
