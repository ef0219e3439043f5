import { type Api, ApiError } from '@caretab/hospital';

/** What the services say at the end of the day; everything the page prints comes from here. */
export interface DayFacts {
  readonly ledger: {
    readonly visitsByStatus: Readonly<Record<string, number>>;
    readonly chargesWaiting: number;
    readonly paymentsMissed: number;
    readonly days: readonly {
      readonly opened: number;
      readonly cancelled: number;
      readonly adjudicated: number;
      readonly settled: number;
      readonly deferredCount: number;
      readonly deferredFen: number;
      readonly returnedCount: number;
      readonly returnedFen: number;
      readonly conflicts: number;
      readonly notDeferred: Readonly<
        Record<string, { readonly count: number; readonly amountFen: number }>
      >;
      readonly adjudicatedGrossFen: number;
      readonly payers: Readonly<Record<string, number>>;
      readonly patientDueFen: number;
      readonly paidFen: number;
      readonly payments: number;
      readonly refundedFen: number;
      readonly refunds: number;
    }[];
  };
  readonly trialBalance: {
    readonly accounts: readonly {
      readonly account: string;
      readonly debitFen: number;
      readonly creditFen: number;
    }[];
    readonly debitFen: number;
    readonly creditFen: number;
    readonly differenceFen: number;
  };
  readonly viewCheck: {
    readonly equal: boolean;
    readonly views: readonly { readonly view: string; readonly rows: number }[];
  };
  readonly gateway: {
    readonly accepted: number;
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly credit: {
    readonly accounts: number;
    readonly heldFen: number;
    readonly outstandingFen: number;
  };
  readonly payment: {
    readonly capturedFen: number;
    readonly refundedFen: number;
    readonly owedFen: number;
    readonly trialBalance: { readonly differenceFen: number };
  };
  /** One per day on which money may have moved. */
  readonly reconciliations: readonly { readonly matched: number; readonly agrees: boolean }[];
  readonly clearing: {
    readonly parties: readonly {
      readonly party: string;
      readonly partyId: string;
      readonly amountFen: number;
    }[];
  };
  readonly notification: {
    readonly notices: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly byTemplate: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  readonly parked: Readonly<Record<string, number>>;
  readonly visits: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** The sums of the ledger's institution days. */
export interface Totals {
  readonly opened: number;
  readonly deferredFen: number;
  readonly returnedFen: number;
  readonly conflicts: number;
  readonly adjudicatedGrossFen: number;
  readonly patientDueFen: number;
  readonly payments: number;
  readonly paidFen: number;
  readonly refunds: number;
  readonly refundedFen: number;
  readonly payers: Readonly<Record<string, number>>;
  readonly notDeferred: Readonly<
    Record<string, { readonly count: number; readonly amountFen: number }>
  >;
}

export const totalsOf = ({ ledger: { days } }: DayFacts): Totals => {
  const sum = (
    field:
      | 'opened'
      | 'deferredFen'
      | 'returnedFen'
      | 'conflicts'
      | 'adjudicatedGrossFen'
      | 'patientDueFen'
      | 'payments'
      | 'paidFen'
      | 'refunds'
      | 'refundedFen',
  ): number => days.reduce((total, day) => total + day[field], 0);
  const payers: Record<string, number> = {};
  const notDeferred: Record<string, { count: number; amountFen: number }> = {};
  for (const day of days) {
    for (const [payerId, amountFen] of Object.entries(day.payers))
      payers[payerId] = (payers[payerId] ?? 0) + amountFen;
    for (const [reason, { count, amountFen }] of Object.entries(day.notDeferred)) {
      const known = notDeferred[reason] ?? { count: 0, amountFen: 0 };
      notDeferred[reason] = { count: known.count + count, amountFen: known.amountFen + amountFen };
    }
  }
  return {
    opened: sum('opened'),
    deferredFen: sum('deferredFen'),
    returnedFen: sum('returnedFen'),
    conflicts: sum('conflicts'),
    adjudicatedGrossFen: sum('adjudicatedGrossFen'),
    patientDueFen: sum('patientDueFen'),
    payments: sum('payments'),
    paidFen: sum('paidFen'),
    refunds: sum('refunds'),
    refundedFen: sum('refundedFen'),
    payers,
    notDeferred,
  };
};

export type VisitFacts = Readonly<Record<string, unknown>>;

const NOT_FOUND = 404;
const unlessMissing = (error: unknown): undefined => {
  if (!(error instanceof ApiError && error.status === NOT_FOUND)) throw error;
};

/** Notices that are still to go out, those included that are to be tried later. */
export const noticesUnderWay = async (api: Api): Promise<number> => {
  const { byStatus } = await api.get<DayFacts['notification']>('/notification/summary');
  return (byStatus['pending'] ?? 0) + (byStatus['sending'] ?? 0);
};

/**
 * Asks every service for its part of the day. `moneyDays`: the channel's own days on which it may
 * have moved money.
 */
export const gatherFacts = async (
  api: Api,
  services: readonly string[],
  businessDate: string,
  moneyDays: readonly string[],
  visitIds: readonly string[],
): Promise<DayFacts> => {
  const parked = await Promise.all(
    services.map(
      async (service) =>
        [
          service,
          (await api.get<{ messages: readonly unknown[] }>(`/${service}/parked`)).messages.length,
        ] as const,
    ),
  );
  const visits = new Map<string, VisitFacts>();
  for (const visitId of visitIds) {
    const visit = await api
      .get<VisitFacts>(`/visit-ledger/visits/${encodeURIComponent(visitId)}`)
      .catch(unlessMissing);
    if (visit) visits.set(visitId, visit);
  }
  return {
    ledger: await api.get('/visit-ledger/summary'),
    trialBalance: await api.get('/visit-ledger/trial-balance'),
    viewCheck: await api.get('/visit-ledger/views/check'),
    gateway: await api.get('/gateway/summary'),
    credit: await api.get('/credit/summary'),
    payment: await api.get('/payment/summary'),
    reconciliations: await Promise.all(
      moneyDays.map((date) =>
        api.get<DayFacts['reconciliations'][number]>(`/payment/reconciliation/${date}`),
      ),
    ),
    clearing: await api.get(`/payment/clearings/${businessDate}`),
    notification: await api.get('/notification/summary'),
    parked: Object.fromEntries(parked),
    visits,
  };
};
