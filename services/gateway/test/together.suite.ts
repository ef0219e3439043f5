import { AsyncLocalStorage } from 'node:async_hooks';
import type { Store, Transaction } from '@caretab/store';
import type { HospitalRequest } from '../src/api/http-door';
import { eventTable, intakeTable } from '../src/intake/intake.table';
import { gatewayOn, SPECIMEN } from './gateway';

type Gateway = ReturnType<typeof gatewayOn>;

const BATCH = 32;

export const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);
export const opening = (number: number): HospitalRequest => ({
  action: 'start',
  key: `opening-${number}`,
  body: {
    ...{ visitNumber: `V${number}`, visitClass: 'outpatient' },
    credential: { type: 'id-number', value: SPECIMEN },
    startedAt: '2024-01-15T09:00:00+08:00',
  },
});
export const charging = (
  number: number,
  { key = `charge-${number}`, occurredAt = '2024-01-15T09:28:00+08:00', amountFen = 2000 } = {},
): HospitalRequest => ({
  action: 'charges',
  visitNumber: `V${number}`,
  key,
  body: {
    charges: [
      {
        ...{ chargeId: `T${number}`, itemCode: 'LAB001', quantity: '1' },
        ...{ unitPriceYuan: (amountFen / 100).toFixed(2), amountFen, occurredAt },
      },
    ],
  },
});

/** Answers and codes, in the order of the requests. */
export const outcomes = async (gateway: Gateway, requests: readonly HospitalRequest[]) => {
  const settled = await Promise.allSettled(
    requests.map((request) => gateway.httpDoor.submit('HZ002', request)),
  );
  return settled.map((one) =>
    one.status === 'fulfilled'
      ? one.value.repeated
        ? 'repeated'
        : 'accepted'
      : ((one.reason as { code?: string }).code ?? String(one.reason)),
  );
};

const chargesIn = async (gateway: Gateway): Promise<string[]> =>
  (await gateway.published()).filter(({ type }) => type === 'ChargePosted').map(({ key }) => key);

const rowsIn = ({ store }: Gateway) =>
  store.transact(async (transaction) => ({
    intake: await transaction.rows(intakeTable).count({}),
    events: await transaction.rows(eventTable).count({}),
  }));

/** The store, but with this transaction once, in the place of its next one. */
const butOnce = (
  store: Store,
  instead: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>,
): Store => {
  let isDue = true;
  return new Proxy(store, {
    get: (real, name) => {
      if (name === 'transact' && isDue) {
        isDue = false;
        return instead;
      }
      const member: unknown = real[name as keyof Store];
      return typeof member === 'function' ? (member.bind(real) as unknown) : member;
    },
  });
};

/** What holds where messages are taken in together, on the twin and on PostgreSQL. */
export const togetherSuite = (open: () => Promise<Store>): void => {
  let opened: Store;
  beforeEach(async () => {
    opened = await open();
  });

  const withVisits = async (count: number, store = opened): Promise<Gateway> => {
    await outcomes(gatewayOn(opened), numbers(count).map(opening));
    return gatewayOn(store);
  };

  test('many that come at once are all accepted, each with its own events', async () => {
    const gateway = await withVisits(BATCH);
    expect(
      await outcomes(
        gateway,
        numbers(BATCH).map((number) => charging(number)),
      ),
    ).toEqual(numbers(BATCH).map(() => 'accepted'));
    expect(await chargesIn(gateway)).toEqual(numbers(BATCH).map((number) => `HZ002-V${number}`));
    expect(await rowsIn(gateway)).toEqual({ intake: 2 * BATCH, events: 2 * BATCH });
  });

  test('the same request twice at once is accepted once, and answered the same', async () => {
    const gateway = await withVisits(2);
    expect(await outcomes(gateway, [charging(1), charging(1), charging(2)])).toEqual([
      ...['accepted', 'repeated', 'accepted'],
    ]);
    expect(await chargesIn(gateway)).toEqual(['HZ002-V1', 'HZ002-V2']);
  });

  test.each([
    ['of the same visit', charging(1, { amountFen: 2100 })],
    ['of another visit', charging(3, { key: 'charge-1' })],
  ])('an id with other content %s, at once, is a conflict', async (_what, other) => {
    const gateway = await withVisits(3);
    expect(await outcomes(gateway, [charging(1), other, charging(2)])).toEqual([
      ...['accepted', 'IDEMPOTENCY_KEY_REUSED', 'accepted'],
    ]);
    expect(await chargesIn(gateway).then((keys) => [...keys].sort())).toEqual([
      ...['HZ002-V1', 'HZ002-V2'],
    ]);
  });

  test('one that is refused undoes none of the others, and leaves nothing behind', async () => {
    const gateway = await withVisits(3);
    const early = charging(2, { occurredAt: '2024-01-01T09:00:00+08:00' });
    expect(await outcomes(gateway, [charging(1), early, charging(3)])).toEqual([
      ...['accepted', 'CHARGE_OUTSIDE_VISIT', 'accepted'],
    ]);
    expect(await rowsIn(gateway)).toEqual({ intake: 5, events: 5 });
    expect(await outcomes(gateway, [charging(2, { key: 'charge-again' })])).toEqual(['accepted']);
  });

  test('a visit’s reports that come at once are taken in their order', async () => {
    const gateway = await withVisits(1);
    const returned = { returnId: 'R1', chargeId: 'T1', returnedAt: '2024-01-15T09:29:00+08:00' };
    const reports = [
      charging(1),
      { action: 'returns', body: { ...returned, amountFen: 2001 } },
      { action: 'returns', body: { ...returned, amountFen: 2000 } },
      { action: 'end', body: { endedAt: '2024-01-15T09:30:00+08:00' } },
    ] as const;
    const requests = reports.map((report, index) => ({
      ...{ visitNumber: 'V1', key: `request-${index}` },
      ...report,
    }));
    expect(await outcomes(gateway, requests)).toEqual([
      ...['accepted', 'RETURN_EXCEEDS_CHARGE', 'accepted', 'accepted'],
    ]);
    expect((await gateway.published()).map(({ type }) => type)).toEqual([
      ...['VisitStarted', 'ChargePosted', 'ChargeReturned', 'VisitEnded'],
    ]);
  });

  test.each<[string, Parameters<typeof butOnce>[1], string]>([
    [
      'before its commit',
      (work) =>
        opened.transact(async (transaction) => {
          await work(transaction);
          throw new Error('the line broke');
        }),
      'accepted',
    ],
    [
      'after it',
      async (work) => {
        await opened.transact(work);
        throw new Error('the line broke');
      },
      'repeated',
    ],
  ])('a batch that breaks %s is tried again, each alone', async (_when, instead, outcome) => {
    const gateway = await withVisits(3, butOnce(opened, instead));
    const early = charging(3, { occurredAt: '2024-01-01T09:00:00+08:00' });
    expect(await outcomes(gateway, [charging(1), charging(2), early])).toEqual([
      ...[outcome, outcome, 'CHARGE_OUTSIDE_VISIT'],
    ]);
    expect(await chargesIn(gateway).then((keys) => [...keys].sort())).toEqual([
      ...['HZ002-V1', 'HZ002-V2'],
    ]);
  });

  test('one that breaks each transaction it is in fails alone', async () => {
    const breaking = new Proxy(opened, {
      get: (real, name) => {
        if (name !== 'transact') return (real[name as keyof Store] as () => unknown).bind(real);
        return <Result>(work: (transaction: Transaction) => Promise<Result>) =>
          real.transact((transaction) => {
            const publish: Transaction['publish'] = (...messages) => {
              if (messages.some(({ key }) => key === 'HZ002-V2')) throw new Error('broken');
              transaction.publish(...messages);
            };
            return work(Object.assign(Object.create(transaction) as Transaction, { publish }));
          });
      },
    });
    const gateway = await withVisits(3, breaking);
    expect(
      await outcomes(
        gateway,
        [1, 2, 3].map((number) => charging(number)),
      ),
    ).toEqual([...['accepted', 'Error: broken', 'accepted']]);
    expect(await rowsIn(gateway)).toEqual({ intake: 5, events: 5 });
  });

  test('another process that takes the same message in meanwhile is found', async () => {
    const gateway = await withVisits(2);
    const other = gatewayOn(opened);
    const both = await Promise.all([
      outcomes(gateway, [charging(1), charging(2)]),
      outcomes(other, [charging(2), charging(1)]),
    ]);
    const [one, two] = [
      [both[0][0], both[1][1]],
      [both[0][1], both[1][0]],
    ];
    for (const answers of [one, two])
      expect([...answers!].sort()).toEqual(['accepted', 'repeated']);
    expect(await chargesIn(gateway)).toHaveLength(2);
  });

  test('each event has the trace of its own request, and the transaction none', async () => {
    const trace = new AsyncLocalStorage<string>();
    const traces: (string | undefined)[] = [];
    const seen = new Proxy(opened, {
      get: (real, name) => {
        if (name === 'transact') traces.push(trace.getStore());
        const member: unknown = real[name as keyof Store];
        return typeof member === 'function' ? (member.bind(real) as unknown) : member;
      },
    });
    await withVisits(3);
    const gateway = gatewayOn(seen, undefined, undefined, () => trace.getStore());
    await Promise.all(
      [1, 2, 3].map((number) =>
        trace.run(`00-${String(number).repeat(32)}-${'1'.repeat(16)}-01`, () =>
          gateway.httpDoor.submit('HZ002', charging(number)),
        ),
      ),
    );
    const charges = (await opened.unpublished(100)).slice(-3);
    expect(charges.map(({ headers }) => headers['traceparent']?.slice(3, 35))).toEqual(
      [1, 2, 3].map((number) => String(number).repeat(32)),
    );
    expect(charges.map(({ headers }) => headers['ce_causationid'])).toEqual(
      [1, 2, 3].map((number) => `http/HZ002/charge-${number}`),
    );
    expect(traces).toEqual([undefined]);
  });
};
