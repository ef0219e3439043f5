import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CentreClient, functions } from '@caretab/centre';
import { startWebhookReceiver, type WebhookReceiver } from '../webhook/webhook-receiver';
import { type CentreSandbox, openCentre } from './centre';

const SECRET = 'known to both of them';
const folder = mkdtempSync(join(tmpdir(), 'caretab-centre-'));
const region = {
  ...{ mdtrtarea_admvs: '330100', recer_sys_code: 'CARETAB', accessKey: 'caretab' },
  ...{ infver: 'V1.0', answersSigned: true, institutions: {} },
  operator: { type: '1' as const, no: 'op', name: 'Operator', ip: '10.0.0.1' },
};
let centre: CentreSandbox;
let receiver: WebhookReceiver;
let client: CentreClient;

const start = async (): Promise<void> => {
  centre = await openCentre({ secret: SECRET, journalFile: join(folder, 'centre.jsonl') });
  receiver = await startWebhookReceiver({
    ...{ host: '127.0.0.1', port: 0, secretOf: () => SECRET, centre },
  });
  client = new CentreClient({
    ...{ url: `${receiver.url}/centre/calls`, secret: SECRET, region, timeoutMs: 500, fetch },
    clock: { now: () => new Date() },
  });
};
const stop = async (): Promise<void> => {
  await receiver.stop();
  await centre.stop();
};
beforeAll(start);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const at = 'HZ001';
const begntime = '2026-03-02 09:00:00';
const person = { psn_no: '33abc', insutype: '390', mdtrt_cert_type: '02', mdtrt_cert_no: 'x' };

const registered = async (): Promise<string> => {
  const data = { ...person, begntime, ipt_otp_no: 'V1' };
  const reply = await client.ask(functions.register, { institutionId: at, input: { data } });
  return reply.status === 'answered' ? reply.output.data.mdtrt_id : '';
};
const settling = (mdtrt_id: string) => ({
  ...{ ...person, mdtrt_id, chrg_bchno: 'B1', medfee_sumamt: '10.00' },
  ...{ psn_setlway: '01', acct_used_flag: '1' },
});
const settles = async (mdtrt_id: string, msgid?: string) =>
  client.ask(functions.settle, {
    ...{ institutionId: at, msgid, input: { data: settling(mdtrt_id) } },
  });
const inForce = (mdtrtId: string) =>
  centre.settlements().filter((one) => one.mdtrtId === mdtrtId && one.state === 'in-force');

test('a visit is registered, pre-settled, settled, found, balanced and cancelled', async () => {
  const mdtrt_id = await registered();
  const data = settling(mdtrt_id);
  expect(
    await client.ask(functions.preSettle, { institutionId: at, input: { data } }),
  ).toMatchObject({ status: 'answered', output: { setlinfo: { fund_pay_sumamt: '7.00' } } });
  expect(inForce(mdtrt_id)).toEqual([]);
  const settled: any = await settles(mdtrt_id);
  expect(settled).toMatchObject({ output: { setlinfo: { medins_setl_id: settled.msgid } } });
  const { setl_id } = settled.output.setlinfo;
  const { psn_no } = person;
  const asked = { institutionId: at, input: { data: { psn_no, mdtrt_id, setl_id: '' } } };
  expect(await client.ask(functions.settlementOf, asked)).toMatchObject({
    output: { setlinfo: [{ setl_id, medfee_sumamt: '10.00' }] },
  });
  const input = { data: { psn_no, mdtrt_id, setl_id } };
  const cancelled = await client.ask(functions.settleCancel, { institutionId: at, input });
  expect(cancelled.status).toBe('answered');
  expect(inForce(mdtrt_id)).toEqual([]);
});

test.each<[string, string, number]>([
  ['ok', 'answered', 1],
  ['lost', 'unknown', 1],
  ['error-done', 'unknown', 1],
  ['late-900', 'unknown', 1],
  ['doubled', 'answered', 2],
  ['forged', 'not-believed', 1],
  ['wrong-sum', 'not-believed', 1],
  ['dropped', 'unknown', 0],
  ['silent', 'unknown', 0],
  ['error', 'unknown', 0],
  ['refused', 'refused', 0],
  ['endless', 'unknown', 0],
])('a settlement that goes %s ends %s, and the book has %i', async (behaviour, status, count) => {
  const mdtrt_id = await registered();
  centre.behave('2207', [behaviour]);
  expect((await settles(mdtrt_id)).status).toBe(status);
  expect(inForce(mdtrt_id)).toHaveLength(count);
});

test('2601 undoes what was settled, and what only arrives later', async () => {
  const mdtrt_id = await registered();
  const undo = (omsgid: string) =>
    client.ask(functions.reverse, {
      ...{ institutionId: at, input: { data: { psn_no: '33abc', omsgid, oinfno: '2207' } } },
    });
  const { msgid } = await settles(mdtrt_id);
  expect((await undo(msgid)).status).toBe('answered');
  expect(inForce(mdtrt_id)).toEqual([]);
  await undo('HZ001-later');
  expect((await settles(mdtrt_id, 'HZ001-later')).status).toBe('refused');
});

test('it knows after a restart what it knew', async () => {
  const mdtrt_id = await registered();
  await settles(mdtrt_id);
  await stop();
  await start();
  expect(inForce(mdtrt_id)).toHaveLength(1);
});
