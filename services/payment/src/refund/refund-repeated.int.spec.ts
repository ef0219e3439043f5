import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { businessDateOf } from '@caretab/contracts';
import { type Acquirer, startAcquirer } from '@caretab/sandbox';
import { FromSource, testDatabase, type TestDatabase } from '@caretab/doubles';
import { PERSON, VISIT } from '../../test/till';
import { ACQUIRER_SECRET, paymentAt, type Place } from '../../test/refund-repeated';

/** What happens on the line to the acquirer to a refund: set by the test, once; later ones pass. */
type Trouble =
  | 'none'
  | 'lost on the way there'
  | 'answered too late'
  | 'answer lost'
  | 'caller killed before the answer';

const LATE_MS = 1000;
const folder = mkdtempSync(join(tmpdir(), 'caretab-refund-'));
const journalFile = join(folder, 'acquirer.jsonl');
let database: TestDatabase;
let acquirer: Acquirer;
let line: Server;
let trouble: Trouble = 'none';
let killCaller: () => void = () => undefined;
let refundRequests = 0;
let schemas = 0;

/** The line to the real acquirer, over which every request goes. */
const startLine = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      const isRefund = request.method === 'POST' && request.url === '/refunds';
      refundRequests += isRefund ? 1 : 0;
      const now = isRefund ? trouble : 'none';
      if (isRefund) trouble = 'none';
      if (now === 'lost on the way there') return void response.destroy();
      const headers = Object.fromEntries(
        ['content-type', 'caretab-timestamp', 'caretab-signature'].map((name) => [
          name,
          String(request.headers[name] ?? ''),
        ]),
      );
      const answer = await fetch(`${acquirer.url}${request.url}`, {
        method: request.method!,
        headers,
        ...(parts.length > 0 && { body: Buffer.concat(parts) }),
      });
      const body = await answer.text();
      if (now === 'caller killed before the answer') return killCaller();
      if (now === 'answer lost') return void response.destroy();
      if (now === 'answered too late') await sleep(LATE_MS);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    };
    pass().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

beforeAll(async () => {
  database = await testDatabase();
  acquirer = await startAcquirer({
    host: '127.0.0.1',
    port: 0,
    secret: ACQUIRER_SECRET,
    journalFile,
  });
  line = await startLine();
});
afterAll(async () => {
  line.closeAllConnections();
  await new Promise((resolve) => line.close(resolve));
  await acquirer.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Refunds of an order that the acquirer's own journal has, independent of other records. */
const movements = (orderIds: readonly string[]): number[] =>
  readFileSync(journalFile, 'utf8')
    .trim()
    .split('\n')
    .map(
      (entry) =>
        JSON.parse(entry) as { type: string; refund?: { orderId: string; amountFen: number } },
    )
    .filter(({ type, refund }) => type === 'refund' && orderIds.includes(refund!.orderId))
    .map(({ refund }) => refund!.amountFen);

test.each<Exclude<Trouble, 'none'>>([
  'answered too late',
  'answer lost',
  'lost on the way there',
  'caller killed before the answer',
])('a refund repeated after a time-out moves money once (%s)', async (what) => {
  const place: Place = {
    url: database.url,
    schema: `payment_${(schemas += 1)}`,
    acquirerUrl: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
  };
  let aheadMs = 0;
  const { store, accounts, adjudicate, collector, refunder, payments, said, reconciliations } =
    await paymentAt(place, () => aheadMs);
  const visitId = `${VISIT}${schemas}`;
  await accounts.bind(PERSON, { channel: 'unionpay', token: `acct-${schemas}:ok` });
  await adjudicate({ visitId });
  for (; (await payments.of(visitId)).paidFen === 0; aheadMs += 5000) await collector.runOnce();
  await adjudicate({ visitId, revision: 2, patientDueFen: 20_000 });

  [trouble, refundRequests] = [what, 0];
  if (what === 'caller killed before the answer') {
    const caller = new FromSource(join(__dirname, '../../test/refund-repeated.ts'), {
      args: [JSON.stringify(place), String(aheadMs)],
    });
    const killed = new Promise<void>(
      (resolve) => (killCaller = () => void caller.killHard().then(resolve)),
    );
    expect(await caller.tells()).toBe('sends refunds');
    await killed;
  } else await refunder.runOnce();
  expect(refundRequests).toBe(1);
  expect((await payments.of(visitId)).refundedFen).toBe(0);

  // Waits and leases pass; payment asks, and sends again what the acquirer does not know.
  for (let round = 0; round < 5 && (await payments.of(visitId)).refundedFen === 0; round += 1) {
    aheadMs += 5000;
    await refunder.runOnce();
  }
  await refunder.runOnce();

  const told = await said();
  expect(told.map(({ type, amountFen }) => [type, amountFen])).toEqual([
    ['PaymentCaptured', 30_000],
    ['RefundCompleted', 10_000],
  ]);
  expect(movements(told.map((one) => (one as unknown as { paymentId: string }).paymentId))).toEqual(
    [10_000],
  );
  expect(await payments.of(visitId)).toMatchObject({
    paidFen: 30_000,
    refundedFen: 10_000,
    owedFen: 0,
  });
  expect((await payments.summary()).trialBalance.differenceFen).toBe(0);
  expect(await reconciliations.of(businessDateOf(new Date()))).toMatchObject({
    onlyOurs: [],
    amountsDiffer: [],
    matched: 2,
  });
  await store.close();
});
