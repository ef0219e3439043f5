import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSettlementBank, type SettlementBankSandbox } from '@caretab/sandbox';
import { systemClock } from '@caretab/kernel';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { bankSuite } from '../../test/bank.suite';
import { bankedTill, OF_H1, SETTLEMENT } from '../../test/settlement-bank';
import { payment } from '..';
import type { BankReport } from './bank';
import { BankGateway } from './bank.gateway';

const secret = 'a secret of the settlement bank';
let sandbox: SettlementBankSandbox;
let server: Server;
let url: string;
let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  sandbox = await openSettlementBank({ secret });
  server = createServer((request, response) => void sandbox.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/settlement-bank`;
  database = await testDatabase();
  const { tables, migrations } = payment;
  store = await TypeOrmStore.open({ url: database.url, schema: 'payment', tables, migrations });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await sandbox.stop();
  await store.close();
  await database.drop();
});

const gateway = (changes: Partial<ConstructorParameters<typeof BankGateway>[0]> = {}) =>
  new BankGateway({
    ...{ url, secret, timeoutMs: 500, reportTimeoutMs: 2000, clock: systemClock },
    ...changes,
  });
const put = (path: string, body: unknown): Promise<Response> =>
  fetch(`${url}/${path}`, { method: 'PUT', body: JSON.stringify(body) });

bankSuite('the bank over HTTP', () => ({
  bank: gateway(),
  book: sandbox.book,
  fate: async (...behaviours) => void (await put('next-files', { behaviours })),
}));

test.each([['forged'], ['error'], ['late-900']])(
  'an answer that is %s is none',
  async (behaviour) => {
    await put('next-files', { behaviours: [behaviour] });
    const file = { messageId: `m${behaviour.replace('-', '')}`, content: '<x/>', contentHash: '' };
    expect(await gateway().send(file)).toEqual({ status: 'no-answer' });
  },
);

test('by another secret nothing is taken, and nothing of the bank is read', async () => {
  const stranger = gateway({ secret: 'a secret of someone else' });
  expect(await stranger.find('m1')).toEqual({ status: 'no-answer' });
  await expect(stranger.reports()).rejects.toMatchObject({ code: 'BANK_UNAVAILABLE' });
});

test('a report whose bytes are not those of its hash gives none of them', async () => {
  sandbox.book.remit(SETTLEMENT, 9, 'c');
  const report = (await gateway().reports()).at(-1)!;
  const read = async (asked: BankReport): Promise<number> => {
    let bytes = 0;
    for await (const part of gateway().content(asked)) bytes += part.length;
    return bytes;
  };
  expect(await read(report)).toBeGreaterThan(100);
  const other = { ...report, sha256: '0'.repeat(64) };
  await expect(read(other)).rejects.toMatchObject({ code: 'BANK_UNAVAILABLE' });
});

test('on PostgreSQL and over HTTP: returned, payable again, paid; two prepare at once and one has it', async () => {
  const DAY = '2026-03-02';
  const world = bankedTill({ store, bank: (book) => book && gateway() });
  const { files, clock } = world;
  await put(`accounts/${OF_H1}`, { behaviour: 'returned' });
  await world.setAccount();
  await world.bindPayer();
  await world.adjudicate();
  await world.workThrough(2);
  clock.set('2026-03-03T09:00:00+08:00');
  await world.clearings.clear(DAY);
  const both = await Promise.allSettled([files.prepare('op-17'), files.prepare('op-18')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const pay = async (made: Awaited<ReturnType<typeof files.prepare>>) => {
    const { messageId, contentHash, controlSumFen } = made.file;
    const by = { declaredBy: 'op-17', approvedBy: 'op-21' };
    await files.release(messageId, { contentHash, controlSumFen, ...by });
    await world.bankWorks(3);
    return (await files.show(messageId)).instructions[0]!.status;
  };
  const first = both.find((one) => one.status === 'fulfilled')!.value;
  expect(await pay(first)).toBe('returned');
  expect(await world.openCases()).toContainEqual(
    expect.objectContaining({ kind: 'payout', reason: 'AC04' }),
  );
  await world.setAccount('H1', '955500010002');
  expect(await pay(await files.prepare('op-17'))).toBe('paid');
  expect(sandbox.book.balanceOf('955500010002')).toBe(30_000);
  const { accounts } = (await world.payments.summary()).trialBalance;
  expect(accounts['in-payout/institution/H1']).toBe(-70_000);
  expect(await world.files.list()).toMatchObject({ files: [{}, {}] });
});
