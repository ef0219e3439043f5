import {
  type ContractEvent,
  type EventData,
  paymentPayments,
  type visitLedgerVisits,
} from '@caretab/contracts';
import { MemoryStore, type MemoryStoreOptions, type Store } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { KeyFile } from '@caretab/security';
import { AccountEnds } from '../src/account/account-ends';
import { Accounts } from '../src/account/accounts';
import { Deaths } from '../src/account/deaths';
import { TokenVault } from '../src/account/token-vault';
import type { AccountVerifier, Channel } from '../src/channel/channel';
import { ChannelBook, type ChannelTerms } from '../src/channel/channel-book';
import { ChannelWatch } from '../src/channel/channel-watch';
import { MemoryChannel } from '../src/channel/memory-channel';
import { Clearings } from '../src/clearing/clearings';
import { ClearingWatch } from '../src/clearing/clearing-watch';
import { Payouts } from '../src/clearing/payouts';
import type { PayoutPolicy } from '../src/payout/payout-policy';
import { Reconciler } from '../src/reconciliation/reconciler';
import { Reconciliations } from '../src/reconciliation/reconciliations';
import { Refunder } from '../src/refund/refunder';
import { Collections } from '../src/collection/collections';
import { Cases } from '../src/case/cases';
import { caseTable } from '../src/case/case.table';
import { Adoptions } from '../src/collection/adoptions';
import { Collector } from '../src/collection/collector';
import { Declarations } from '../src/collection/declarations';
import { FailedOrders } from '../src/collection/failed-orders';
import type { CollectionPolicy } from '../src/collection/policy';
import { NO_RULES } from '../src/risk/risk-rules';
import { VisitPayments } from '../src/collection/visit-payments';
import { WriteOffs } from '../src/write-off/write-offs';

export const PERSON = 'p-00000000-0000-4000-8000-000000000001';
export const VISIT = 'H1-1001';
const policyOfTests: CollectionPolicy = {
  presence: { typed: 'confirm' },
  quietHours: undefined,
  booksCloseMinute: 24 * 60,
  channelCloseMinute: 24 * 60,
  attemptsMax: 2,
  retryDelayMs: 60_000,
  leaseMs: 4000,
  resolveDelaysMs: [200, 1000],
  unknownAfterMs: 600_000,
  failedOrderDelaysMs: [60_000, 3_600_000],
  account: { countMax: 5, perPaymentFen: 5_000_000, perDayFen: 10_000_000 },
  risk: NO_RULES,
  refund: { delaysMs: [60_000, 120_000], refusedForGood: ['ACCOUNT_CLOSED', 'ORDER_UNKNOWN'] },
  circuit: { opensAfter: 5, probeDelaysMs: [1000, 4000] },
};

export { policyOfTests as policy };

type AdjudicatedData = EventData<typeof visitLedgerVisits, 'VisitAdjudicated'>;

/** A verdict on the one visit: 1000 yuan, of which the employee plan pays the rest of the due. */
export const verdict = (changes: Partial<AdjudicatedData> = {}): AdjudicatedData => {
  const patientDueFen = changes.patientDueFen ?? 30_000;
  return {
    visitId: VISIT,
    institutionId: 'H1',
    personId: PERSON,
    accountPersonId: PERSON,
    closedAt: '2026-03-02T08:00:00.000Z',
    revision: 1,
    grossFen: 100_000,
    patientDueFen,
    payers: [{ payerId: 'employee', amountFen: (changes.grossFen ?? 100_000) - patientDueFen }],
    ...changes,
  };
};

export interface TillParts {
  readonly store?: Store;
  readonly storeOptions?: MemoryStoreOptions;
  readonly memoryChannel?: MemoryChannel;
  /** What the workers see of the channel. */
  readonly channel?: (real: Channel & AccountVerifier) => Channel;
  readonly inFlightMax?: number;
  readonly channels?: ChannelBook;
  /** Of a page of a clearing. */
  readonly pageVisits?: number;
  readonly payouts?: PayoutPolicy;
  readonly policy?: CollectionPolicy;
  readonly clock?: ReturnType<typeof fixedClock>;
}

/** Channels that tests name, all by the one acquirer. */
const CHANNELS = ['unionpay', 'wechat', 'alipay', 'a-channel', 'a-bank', 'bank'].map(
  (id): ChannelTerms => ({
    ...{ id, kind: 'acquirer', name: { zh: id, en: id } },
    ...{ isOpen: true, verifies: true },
  }),
);

/** The whole of payment on one small machine, without HTTP or a bus. */
export const till = (machine: TillParts = {}) => {
  const { policy = policyOfTests } = machine;
  const clock = machine.clock ?? fixedClock('2026-03-02T09:00:00Z');
  const store = machine.store ?? new MemoryStore(machine.storeOptions);
  const memoryChannel = machine.memoryChannel ?? new MemoryChannel(() => clock.now());
  const channel = machine.channel?.(memoryChannel) ?? memoryChannel;
  const vault = new TokenVault(new KeyFile('KEYS', Buffer.alloc(32, 7).toString('hex')));
  const channels = machine.channels ?? new ChannelBook(CHANNELS);
  const collections = new Collections({ store, clock, vault, channels, policy });
  const inFlightMax = machine.inFlightMax ?? 8;
  const logged: string[] = [];
  const log = (...[, line]: readonly unknown[]): void => void logged.push(String(line));
  const watch = new ChannelWatch({
    clock,
    policy: policy.circuit,
    logger: { warn: log, info: log },
  });
  const [collector, refunder] = [
    new Collector({ store, clock, channel, channels, watch, vault, policy, inFlightMax }),
    new Refunder({ store, clock, channel, watch, vault, policy, inFlightMax }),
  ];
  const payments = new VisitPayments(store);
  const reconciliations = new Reconciliations({ store, channel, clock, policy });
  const clearings = new Clearings({
    store,
    clock,
    policy,
    pageVisits: machine.pageVisits ?? 500,
    ...(machine.payouts && { payouts: machine.payouts }),
  });
  const failedOrders = new FailedOrders({ store, clock, channel, watch, policy });

  return {
    clock,
    policy,
    store,
    memoryChannel,
    failedOrders,
    adoptions: new Adoptions({ store, clock, channel, policy }),
    declarations: new Declarations({ store, clock, channel, watch, policy }),
    cases: new Cases({ store, clock, vault, channels, policy }),
    openCases: () =>
      store.transact((transaction) =>
        transaction.rows(caseTable).find({ status: 'open' }, { orderBy: 'openedAt' }),
      ),
    watch,
    /** Log lines about channels. */
    logged,
    collections,
    collector,
    refunder,
    payments,
    accounts: new Accounts({ store, clock, vault, channels, verifier: memoryChannel, policy }),
    accountEnds: new AccountEnds(clock),
    deaths: new Deaths(clock),
    clearings,
    clearingWatch: new ClearingWatch({ clearings, logger: { warn: log, info: log } }),
    writeOffs: new WriteOffs({ store, clock, policy }),
    payouts: new Payouts({ store, clock, policy }),
    reconciliations,
    reconciler: new Reconciler({
      ...{ store, clock, reconciliations, policy, logger: { warn: log, info: log } },
      intervalMs: 3_600_000,
    }),
    adjudicate: (changes: Partial<AdjudicatedData> = {}): Promise<void> => {
      const data = verdict(changes);
      const event = {
        id: `verdict-${data.visitId}-${data.revision}`,
        type: 'VisitAdjudicated',
        time: data.closedAt,
        source: 'visit-ledger',
        data,
      } as ContractEvent<typeof visitLedgerVisits, 'VisitAdjudicated'>;
      return store.transact((transaction) => collections.fixDue(event, transaction));
    },
    /** Works through the planned retries and inquiries: ten minutes, in rounds of 45 s. */
    workThrough: async (rounds = 14): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        await collector.runOnce();
        await refunder.runOnce();
        await failedOrders.runOnce();
        clock.advance(45_000);
      }
    },
    /** What payment has said, in order. */
    said: async () =>
      (await store.unpublished(1000))
        .filter(({ topic }) => topic === paymentPayments.name)
        .map(({ headers, value }) => ({
          type: headers['ce_type'],
          id: headers['ce_id'],
          ...(value as { amountFen: number }),
        })),
  };
};
