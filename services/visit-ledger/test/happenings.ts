import { settle } from '@caretab/benefits';
import type { Charge, Coverage } from '@caretab/contracts';
import fc from 'fast-check';
import { visit, type VisitCommand } from '../src/visit/visit';
import type { VisitEvent } from '../src/visit/visit-events';
import type { Visit } from '../src/visit/visit-state';

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
export type Happening =
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

export const commandOf = (happened: Happening, state: Visit): VisitCommand | undefined => {
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

/** What the same command yields when it comes once more; a refusal counts as nothing. */
export const decideQuietly = (command: VisitCommand, state: Visit): readonly VisitEvent[] => {
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
export const happenings = fc.oneof(fc.array(happening, { maxLength: 60 }), wholeVisit);
