import { settle } from '@caretab/benefits';
import { type Charge, type Coverage, FEN_MAX } from '@caretab/contracts';
import fc from 'fast-check';
import { postingsOf } from './postings';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';
import { assertPublishable } from './visit.publisher';
import type { OpenedVisit, Visit } from './visit-state';

const ref = {
  visitId: 'HZ001-V1',
  institutionId: 'HZ001',
  personId: 'p-11111111-1111-4111-8111-111111111111',
  businessDate: '2026-03-02',
};
const at = '2026-03-02T09:00:00+08:00';
const endsBy = '2026-03-02T16:00:00.000Z';
const graceUntil = '2026-03-02T18:00:00.000Z';
const coverage: Coverage = {
  coverageId: 'c',
  catalogueDate: '2026-03-02',
  hospitalLevel: 'level-3',
  plans: [
    {
      planId: 'basic',
      payerId: 'city',
      kind: 'basic',
      deductibleFen: 10_000,
      deductibleUsedFen: 0,
      bands: [{ upToFen: null, rateBps: 7600 }],
      inScopeUsedFen: 0,
      fundCapFen: null,
      fundUsedFen: 0,
      personalAccountFen: 0,
    },
  ],
};
const ITEMS = ['250101015', '210300001', '230400001', 'ZZ'];
const charge = (index: number, item: number, amountFen: number): Charge => ({
  chargeId: `T${index}`,
  itemCode: ITEMS[item]!,
  quantity: '1',
  unitPriceYuan: (amountFen / 100).toFixed(2),
  amountFen,
  occurredAt: at,
});

/**
 * What happens around a visit; the answers of the other services are made from the visit's own
 * state, as those services would.
 */
type Happening =
  | {
      readonly kind:
        | 'start'
        | 'authorize'
        | 'decline'
        | 'cover'
        | 'end'
        | 'cancel'
        | 'grant'
        | 'refuse'
        | 'adjudicate'
        | 'pay'
        | 'refund'
        | 'miss'
        | 'expire'
        | 'gracefulEnd'
        | 'tick'
        | 'reopen';
    }
  | {
      readonly kind: 'charge';
      readonly index: number;
      readonly item: number;
      readonly amountFen: number;
    }
  | {
      readonly kind: 'return';
      readonly index: number;
      /** Tenths of the charge; 10 is the whole. */
      readonly tenths: number;
      readonly by: 'quantity' | 'amount' | 'whole';
      readonly number: number;
    };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('charge' as const),
      index: fc.integer({ min: 0, max: 7 }),
      item: fc.integer({ min: 0, max: 3 }),
      amountFen: fc.integer({ min: 0, max: 40_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('return' as const),
      index: fc.integer({ min: 0, max: 7 }),
      tenths: fc.integer({ min: 1, max: 12 }),
      by: fc.constantFrom('quantity' as const, 'amount' as const, 'whole' as const),
      number: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'start',
        'authorize',
        'cover',
        'grant',
        'adjudicate',
        'pay',
        'refund',
        'end',
        'gracefulEnd',
        'tick',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('decline', 'refuse', 'cancel', 'miss', 'expire', 'reopen'),
    }),
  },
) as fc.Arbitrary<Happening>;

const partOf = (
  { by, tenths }: Happening & { readonly kind: 'return' },
  chargedFen: number,
): { quantity?: string; amountFen?: number; isWhole?: boolean } =>
  by === 'quantity'
    ? { quantity: String(tenths / 10) }
    : by === 'amount'
      ? { amountFen: Math.floor((chargedFen * tenths) / 10) }
      : { amountFen: chargedFen, isWhole: true };

const commandOf = (happened: Happening, state: Visit): VisitCommand | undefined => {
  const opened = state.status === 'unknown' ? undefined : state;
  const dueFen = opened
    ? (opened.verdict?.patientDueFen ?? 0) - opened.paidFen + opened.refundedFen
    : 0;
  switch (happened.kind) {
    case 'start':
      return {
        type: 'StartVisit',
        data: { ...ref, visitNumber: 'V1', visitClass: 'outpatient', startedAt: at, endsBy },
      };
    case 'authorize':
      return (
        opened && {
          type: 'RecordAuthorization',
          data: {
            accountPersonId: ref.personId,
            authorizationId: 'a',
            heldFen: 30_000,
            expiresAt: at,
          },
        }
      );
    case 'decline':
      return opened && { type: 'RecordDecline', data: { reason: 'NOT_ENROLLED' } };
    case 'cover':
      return opened && { type: 'RecordCoverage', data: { coverage } };
    case 'end':
      return { type: 'EndVisit', data: { endedAt: at } };
    case 'gracefulEnd':
      return { type: 'EndVisit', data: { endedAt: at, graceUntil } };
    case 'tick': {
      const now = state.status === 'open' ? (state.graceUntil ?? state.endsBy ?? at) : at;
      return { type: 'ReachTime', data: { now, graceUntil } };
    }
    case 'reopen':
      return { type: 'ReopenVisit', data: { reopenedAt: at } };
    case 'cancel':
      return { type: 'CancelVisit', data: { withdrawnAt: at } };
    case 'grant':
      return (
        opened?.increase && {
          type: 'RecordIncrease',
          data: { requestId: opened.increase.requestId, heldFen: opened.heldFen + 30_000 },
        }
      );
    case 'refuse':
      return (
        opened?.increase && {
          type: 'RecordIncreaseDecline',
          data: { requestId: opened.increase.requestId, reason: 'OVER_LINE' },
        }
      );
    case 'expire':
      return { type: 'RecordExpiry', data: { heldFen: opened?.heldFen ?? 0, expiredAt: at } };
    case 'charge':
      return {
        type: 'PostCharge',
        data: {
          visitId: ref.visitId,
          institutionId: ref.institutionId,
          businessDate: ref.businessDate,
          charge: charge(happened.index, happened.item, happened.amountFen),
        },
      };
    case 'return':
      return {
        type: 'ReturnCharge',
        data: {
          visitId: ref.visitId,
          institutionId: ref.institutionId,
          businessDate: ref.businessDate,
          returnId: `C${happened.index}.${happened.number}`,
          chargeId: `T${happened.index}`,
          ...partOf(happened, state.charges.get(`T${happened.index}`)?.charge.amountFen ?? 0),
        },
      };
    case 'miss':
      return (
        opened && {
          type: 'RecordPaymentMissed',
          data: { paymentId: 'P', attempt: 1, reason: 'INSUFFICIENT_FUNDS' },
        }
      );
    case 'pay':
      return dueFen > 0
        ? {
            type: 'RecordPayment',
            data: {
              paymentId: `P${opened?.payments.size}`,
              amountFen: dueFen,
              channel: 'unionpay',
              capturedAt: at,
            },
          }
        : undefined;
    case 'refund':
      return dueFen < 0
        ? {
            type: 'RecordRefund',
            data: {
              refundId: `R${opened?.refunds.size}`,
              amountFen: -dueFen,
              channel: 'unionpay',
              refundedAt: at,
            },
          }
        : undefined;
    case 'adjudicate': {
      if (state.status !== 'closed') return undefined;
      const { payers, patientFen } = settle(
        state.coverage ?? { ...coverage, plans: [] },
        state.totals,
      );
      return {
        type: 'RecordVerdict',
        data: {
          revision: state.revision,
          grossFen: state.totals.grossFen,
          payers: payers.map(({ payerId, amountFen }) => ({ payerId, amountFen })),
          patientDueFen: patientFen,
          adjudicatedAt: at,
        },
      };
    }
  }
};

const run = (
  happenings: readonly Happening[],
  check: (state: Visit, facts: readonly VisitEvent[]) => void,
): void => {
  let state = visit.initial;
  const facts: VisitEvent[] = [];
  for (const happened of happenings) {
    const command = commandOf(happened, state);
    if (!command) continue;
    let decided: readonly VisitEvent[] = [];
    try {
      decided = visit.decide(command, state);
    } catch (error) {
      if ((error as Error).name !== 'DomainError') throw error;
    }
    const next = decided.reduce(visit.evolve, state);
    if (decided.length > 0) expect(decideQuietly(command, next)).toEqual([]);
    state = next;
    facts.push(...decided);
    check(state, facts);
  }
};

/** What the same command yields when it comes once more; a refusal counts as nothing. */
const decideQuietly = (command: VisitCommand, state: Visit): readonly VisitEvent[] => {
  try {
    return visit.decide(command, state);
  } catch (error) {
    if ((error as Error).name === 'DomainError') return [];
    throw error;
  }
};

/** A visit that goes its way to the end, with anything at all in between. */
const wholeVisit: fc.Arbitrary<Happening[]> = fc
  .tuple(...Array.from({ length: 5 }, () => fc.array(happening, { maxLength: 12 })))
  .map(([waiting, open, ended, due, settled]) => {
    const kinds = (...all: ('start' | 'authorize' | 'cover' | 'end' | 'adjudicate' | 'pay')[]) =>
      all.map((kind): Happening => ({ kind }));
    return [
      ...[...waiting!, ...kinds('start', 'authorize', 'cover'), ...open!],
      ...[...kinds('end'), ...ended!, ...kinds('adjudicate'), ...due!],
      ...[...kinds('adjudicate', 'pay'), ...settled!, ...kinds('adjudicate', 'pay')],
    ];
  });
const happenings = fc.oneof(fc.array(happening, { maxLength: 60 }), wholeVisit);
const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

test('no visit closes in its grace time, and one that has ended closes once it is over', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state) => {
        if (state.status === 'closed') expect(state.graceUntil).toBeUndefined();
        if (state.status !== 'open' || !state.endedAt || state.graceUntil) return;
        const isAnswered =
          state.authorization.state === 'declined' ||
          (state.authorization.state === 'granted' && state.coverage !== undefined);
        expect(isAnswered && state.waiting.length === 0).toBe(false);
      }),
    ),
  );
});

test('in every visit debits equal credits, after every fact', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (_, facts) =>
        expect(sum(facts.flatMap(postingsOf).map(({ amountFen }) => amountFen))).toBe(0),
      ),
    ),
  );
});

test('a charge is on the ledger exactly once, whatever is repeated, and a repeated command yields nothing', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state, facts) => {
        const decisions = facts
          .filter(({ type }) => type === 'ChargeDeferred' || type === 'ChargeNotDeferred')
          .map(({ data }) => (data as { charge: Charge }).charge.chargeId);
        expect(new Set(decisions).size).toBe(decisions.length);
        expect(new Set(state.waiting).size).toBe(state.waiting.length);
        if (state.status !== 'cancelled')
          expect(state.totals.grossFen).toBe(
            sum(
              [...state.charges.values()]
                .filter(({ status }) => status === 'deferred')
                .map((recorded) => recorded.left.amountFen),
            ),
          );
        for (const [chargeId, recorded] of state.charges) {
          const taken = [...state.returns.values()].filter((each) => each.chargeId === chargeId);
          expect(sum(taken.map(({ amountFen }) => amountFen))).toBeLessThanOrEqual(
            recorded.charge.amountFen,
          );
        }
      }),
    ),
  );
});

test('no charge is deferred beyond the hold', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state, facts) => {
        const last = facts.at(-1);
        if (last?.type === 'ChargeDeferred')
          expect(last.data.patientEstimateFen).toBeLessThanOrEqual((state as OpenedVisit).heldFen);
      }),
    ),
  );
});

test('a settled visit is even: due = paid − refunded, and gross = insurers + patient', () => {
  let settled = 0;
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state) => {
        if (state.status !== 'settled') return;
        settled += 1;
        const { grossFen, payers, patientDueFen } = state.verdict;
        expect(patientDueFen).toBe(state.paidFen - state.refundedFen);
        expect(grossFen).toBe(sum(payers.map(({ amountFen }) => amountFen)) + patientDueFen);
        expect(grossFen).toBe(state.totals.grossFen);
      }),
    ),
  );
  expect(settled).toBeGreaterThan(0);
});

test('an ended visit whose answers have come leaves no charge waiting', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state) => {
        if (
          state.status === 'closed' ||
          state.status === 'adjudicated' ||
          state.status === 'settled'
        )
          expect(state.waiting).toEqual([]);
      }),
    ),
  );
});

/** The same with amounts that the contract still takes, one by one. */
const enlarged = (happened: Happening, factor: number): Happening =>
  happened.kind === 'charge'
    ? { ...happened, amountFen: Math.min(happened.amountFen * factor, FEN_MAX) }
    : happened;
const withLargeHold = (
  command: VisitCommand | undefined,
  factor: number,
): VisitCommand | undefined =>
  command?.type === 'RecordAuthorization'
    ? {
        ...command,
        data: { ...command.data, heldFen: Math.min(command.data.heldFen * factor, FEN_MAX) },
      }
    : command?.type === 'RecordIncrease'
      ? {
          ...command,
          data: { ...command.data, heldFen: Math.min(command.data.heldFen * factor, FEN_MAX) },
        }
      : command;

test('whatever becomes of a visit can be told to others, however large its amounts are', () => {
  fc.assert(
    fc.property(happenings, fc.constantFrom(1, 1_000_000, 3_000_000), (all, factor) => {
      let state = visit.initial;
      for (const happened of all) {
        const command = withLargeHold(commandOf(enlarged(happened, factor), state), factor);
        const decided = command ? decideQuietly(command, state) : [];
        for (const fact of decided) assertPublishable(fact);
        state = decided.reduce(visit.evolve, state);
      }
    }),
    { numRuns: 300 },
  );
});

test('a command that comes again later, whatever came between, yields nothing new', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      let state = visit.initial;
      const effective: VisitCommand[] = [];
      for (const happened of all) {
        const command = commandOf(happened, state);
        const decided = command ? decideQuietly(command, state) : [];
        if (decided.length > 0) effective.push(command!);
        state = decided.reduce(visit.evolve, state);
      }
      // A moment that is reached is no message: it may be that of another end by then.
      const messages = effective.filter(({ type }) => type !== 'ReachTime');
      for (const command of messages)
        expect([command.type, decideQuietly(command, state)]).toEqual([command.type, []]);
    }),
  );
});
