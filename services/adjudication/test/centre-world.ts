import { CentreClient, type CentreFunction, functionOf, functions } from '@caretab/centre';
import { fixedClock } from '@caretab/doubles';
import { type CentreSandbox, openCentre, startWebhookReceiver } from '@caretab/sandbox';
import type { Store } from '@caretab/store';
import type { OrderedFunction } from '../src/centre/centre-order.table';
import { centreOrderTable } from '../src/centre/centre-order.table';
import { type CentreCall, type CentreDoor, CentreOrders } from '../src/centre/centre-orders';

const SECRET = 'known to both of them';
const LEASE_MS = 120_000;
const HOUR_MS = 3_600_000;
const ROUNDS_MAX = 80;
const at = 'HZ001';
const region = {
  ...{ mdtrtarea_admvs: '330100', recer_sys_code: 'CARETAB', accessKey: 'caretab' },
  ...{ infver: 'V1.0', answersSigned: true, institutions: {} },
  operator: { type: '1' as const, no: 'op', name: 'Operator', ip: '10.0.0.1' },
};
const whose = { psn_no: '33abc', insutype: '390', mdtrt_cert_type: '02', mdtrt_cert_no: 'x' };

/** The sandbox centre over HTTP, and orders that are worked on until nothing is due. */
export const centreWorld = async () => {
  const centre: CentreSandbox = await openCentre({ secret: SECRET });
  const receiver = await startWebhookReceiver({
    ...{ host: '127.0.0.1', port: 0, secretOf: () => SECRET, centre },
  });
  const clock = fixedClock('2026-03-02T01:00:00Z');
  const client = new CentreClient({
    ...{ url: `${receiver.url}/centre/calls`, secret: SECRET, region, timeoutMs: 3_000 },
    ...{ clock, fetch },
  });
  const asked: string[] = [];
  /** The steps, before and after each message, at which the process dies; one each. */
  let crashes: number[] = [];
  let steps = 0;
  const dies = (): void => {
    if (crashes.includes(steps++)) throw new Error('the process dies here');
  };
  const door: CentreDoor = {
    call: async ({ infno, stamp, data, undoes, institutionId }: CentreCall) => {
      dies();
      asked.push(infno);
      const input = { ...whose, ...data, ...(undoes && { omsgid: `${at}${undoes}` }) };
      const reply = await client.ask(functionOf(infno) as CentreFunction, {
        ...{ institutionId, input: { data: input }, msgid: stamp && `${at}${stamp}` },
      });
      dies();
      return reply;
    },
  };
  const registers = async (): Promise<string> => {
    const data = { ...whose, begntime: '2026-03-02 09:00:00', ipt_otp_no: 'V1' };
    const reply = await client.ask(functions.register, { institutionId: at, input: { data } });
    if (reply.status !== 'answered') throw new Error('the visit is not registered');
    return reply.output.data.mdtrt_id;
  };
  const settling = (mdtrt_id: string) => ({
    ...{ mdtrt_id, chrg_bchno: 'B1', medfee_sumamt: '10.00', psn_setlway: '01' },
    acct_used_flag: '1',
  });
  const ordersOn = (store: Store) => {
    const counted: string[] = [];
    const orders = new CentreOrders({
      ...{ store, clock, centre: door, count: (outcome) => void counted.push(outcome) },
    });
    const places = (
      orderId: string,
      data: Record<string, string>,
      infno: OrderedFunction = '2207',
    ) =>
      store.transact((transaction) =>
        orders.place(transaction, {
          ...{ orderId, personId: 'P1', institutionId: at, infno, data },
        }),
      );
    const rowOf = async (orderId: string) =>
      (await store.transact((transaction) => transaction.rows(centreOrderTable).get({ orderId })))!;
    /** Until nothing is due: a process that died leaves a lease behind, which ends. */
    const ends = async (orderId: string) => {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        await orders.runOnce().catch(() => undefined);
        const row = await rowOf(orderId);
        if (row.nextAttemptAt === null) return row;
        clock.advance(LEASE_MS + 1_000);
      }
      throw new Error('it never ends');
    };
    return { orders, places, rowOf, ends, counted };
  };
  return {
    ...{ centre, clock, asked, registers, settling, ordersOn, HOUR_MS },
    crashesAt: (at: readonly number[]) => {
      crashes = [...at];
      steps = 0;
    },
    inForce: (mdtrtId: string) =>
      centre.settlements().filter((one) => one.mdtrtId === mdtrtId && one.state === 'in-force'),
    stop: async () => {
      await receiver.stop();
      await centre.stop();
    },
  };
};
