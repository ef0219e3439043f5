import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf } from '@caretab/contracts';
import { Jobs, keyRotation, type ServiceParts, STORE } from '@caretab/host';
import { KeyFile } from '@caretab/security';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { type Static, Type } from '@sinclair/typebox';
import { clearingAgreement, ledgerAgreement } from './agreement/agreements';
import { PersonConsumer } from './account/person.consumer';
import { AccountController } from './account/account.controller';
import { ACCOUNT_POLICY } from './account/account-choice';
import { AccountEnds } from './account/account-ends';
import { type AccountParts, Accounts } from './account/accounts';
import { Deaths } from './account/deaths';
import { sealedTables } from './account/sealed-tables';
import { TokenVault } from './account/token-vault';
import { CaseController } from './case/case.controller';
import { CaseWatch } from './case/case-watch';
import { Cases } from './case/cases';
import { ChannelController } from './channel/channel.controller';
import { channelProviders, channelsOf } from './channel/channel-parts';
import { Doubts } from './channel/doubts';
import { ClearingController } from './clearing/clearing.controller';
import { ClearingWatch } from './clearing/clearing-watch';
import { Clearings } from './clearing/clearings';
import { Payouts } from './clearing/payouts';
import { AdoptionController } from './collection/adoption.controller';
import { Adoptions } from './collection/adoptions';
import { CollectionConsumer } from './collection/collection.consumer';
import { CollectionController } from './collection/collection.controller';
import { Collections } from './collection/collections';
import { Collector } from './collection/collector';
import { ConfirmationController } from './collection/confirmation.controller';
import { Confirmations } from './collection/confirmations';
import { Counter } from './counter/counter';
import { CounterController } from './counter/counter.controller';
import { Shifts } from './counter/shifts';
import { Declarations } from './collection/declarations';
import { FailedOrders } from './collection/failed-orders';
import { OrderController } from './collection/order.controller';
import type { CollectionPolicy } from './collection/policy';
import { quietHoursOf } from './collection/quiet-hours';
import { VisitPayments } from './collection/visit-payments';
import { closeMinuteOf } from './journal/book-day';
import { observe } from './metrics';
import type { PaymentConfig } from './config';
import { PayoutController } from './payout/payout.controller';
import { BankWork, payoutPolicy, payoutsOf } from './payout/payout-parts';
import { ReconciliationController } from './reconciliation/reconciliation.controller';
import { Reconciler } from './reconciliation/reconciler';
import { Reconciliations } from './reconciliation/reconciliations';
import { Refunder } from './refund/refunder';
import { WriteOffController } from './write-off/write-off.controller';
import { NO_RULES, RiskRules, riskRulesOf } from './risk/risk-rules';
import { WriteOffs } from './write-off/write-offs';

type Config = Static<typeof PaymentConfig>;

/** The backlog counts what is due within this time; not a retry that is planned for later. */
const DUE_SOON_MS = 60_000;
/** Orders that were declared failed are asked for after a minute, and ever more rarely. */
const FAILED_ORDERS_INTERVAL_MS = 15_000;
/** How often a look is taken whether a day is to be reconciled. */
const RECONCILE_LOOK_INTERVAL_MS = 60_000;

/** How often it is looked whether a clearing stands where it stood. */
const CLEARING_LOOK_INTERVAL_MS = 60_000;

/** How often it is looked which orders have no outcome. */
const DOUBTS_INTERVAL_MS = 15_000;

class Work {
  constructor(
    readonly workers: {
      readonly collector: Collector;
      readonly refunder: Refunder;
      readonly failedOrders: FailedOrders;
      readonly clearing: ClearingWatch;
      readonly bank: BankWork;
    },
    readonly intervalMs: number,
    /** Whether payment compared itself with the ledger, or has waited for it long enough. */
    readonly isProven: () => boolean,
  ) {}
}

@Module({})
export class PaymentModule implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Work) private readonly work: Work,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(Doubts) private readonly doubts: Doubts,
    @Inject(CaseWatch) private readonly cases: CaseWatch,
  ) {}

  onModuleInit(): void {
    const { work, jobs } = this;
    const { collector, refunder, failedOrders, clearing, bank } = work.workers;
    const onceProven = (run: () => Promise<number>) => async (): Promise<number> => {
      if (!work.isProven()) return 0;
      await this.doubts.begin();
      return run();
    };
    jobs.every('payment.doubts', DOUBTS_INTERVAL_MS, () => this.doubts.look());
    jobs.every('payment.case-watch', DOUBTS_INTERVAL_MS, () => this.cases.look());
    jobs.every(
      'payment.collect',
      work.intervalMs,
      onceProven(() => collector.runOnce()),
    );
    jobs.every(
      'payment.refund',
      work.intervalMs,
      onceProven(() => refunder.runOnce()),
    );
    jobs.every('payment.failed-orders', FAILED_ORDERS_INTERVAL_MS, () => failedOrders.runOnce());
    jobs.every('payment.reconcile', RECONCILE_LOOK_INTERVAL_MS, () => this.reconciler.runOnce());
    jobs.every(
      'payment.bank',
      bank.intervalMs,
      onceProven(() => bank.runOnce()),
    );
    jobs.every(
      'payment.clear',
      CLEARING_LOOK_INTERVAL_MS,
      onceProven(() => clearing.runOnce()),
    );
  }
}

const Ms = Type.Integer({ minimum: 1, maximum: 86_400_000 });
const PolicyFile = Type.Object({
  presence: Type.Object({
    typed: Type.Union([Type.Literal('collect'), Type.Literal('confirm')]),
  }),
  attemptsMax: Type.Integer({ minimum: 1, maximum: 100 }),
  leaseMs: Ms,
  resolveDelaysMs: Type.Array(Ms, { minItems: 1 }),
  unknownAfterMs: Ms,
  failedOrderDelaysMs: Type.Array(Ms, { minItems: 1 }),
  account: Type.Optional(
    Type.Object({
      countMax: Type.Integer({ minimum: 1, maximum: 20 }),
      perPaymentFen: Type.Integer({ minimum: 1 }),
      perDayFen: Type.Integer({ minimum: 1 }),
    }),
  ),
  risk: Type.Optional(RiskRules),
  refund: Type.Object({
    delaysMs: Type.Array(Ms, { minItems: 1 }),
    refusedForGood: Type.Array(Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,60}$' })),
  }),
  circuit: Type.Object({
    opensAfter: Type.Integer({ minimum: 1, maximum: 1000 }),
    probeDelaysMs: Type.Array(Ms, { minItems: 1 }),
  }),
});

const policyOf = (config: Config): CollectionPolicy => {
  const file = config.PAYMENT_POLICY_FILE ?? join(__dirname, '../data/collection-policy.json');
  const name = config.PAYMENT_POLICY_FILE ?? 'services/payment/data/collection-policy.json';
  const {
    account = ACCOUNT_POLICY,
    risk = NO_RULES,
    ...schedules
  } = dataOf(name, readFileSync(file, 'utf8'), PolicyFile);
  return {
    ...{ ...schedules, account, risk: riskRulesOf(name, risk) },
    retryDelayMs: config.PAYMENT_RETRY_DELAY_MS,
    quietHours: quietHoursOf(config.PAYMENT_QUIET_HOURS),
    booksCloseMinute: closeMinuteOf(config.PAYMENT_BOOKS_CLOSE),
    channelCloseMinute: closeMinuteOf(config.PAYMENT_CHANNEL_CLOSE),
  };
};

const counterProviders = (parts: ConstructorParameters<typeof Counter>[0]) => [
  { provide: Shifts, useValue: new Shifts(parts) },
  { provide: Counter, useValue: new Counter(parts) },
];

const accountProviders = (parts: AccountParts) => [
  { provide: Accounts, useValue: new Accounts(parts) },
  { provide: AccountEnds, useValue: new AccountEnds(parts.clock) },
  { provide: Deaths, useValue: new Deaths(parts.clock) },
];

const workOf = (
  workers: Work['workers'],
  config: Config,
  agreement: ReturnType<typeof ledgerAgreement>,
): Provider => {
  const isProven = () => agreement.isProven(config.AGREEMENT_START_TIMEOUT_MS);
  return {
    provide: Work,
    useValue: new Work(workers, config.PAYMENT_COLLECT_INTERVAL_MS, isProven),
  };
};

/** Every door and worker of the service. */
export const paymentModule = (parts: ServiceParts<Config>): DynamicModule => {
  const { store, clock, config, backlog, degradations, logger } = parts;
  const keys = new KeyFile('PAYMENT_TOKEN_KEY', config.PAYMENT_TOKEN_KEY);
  const [vault, policy] = [new TokenVault(keys), policyOf(config)];
  const { channels, channel, watch } = channelsOf(parts, policy);
  const doubts = new Doubts({ store, clock, watch, logger });
  const cases = new CaseWatch({ store, logger });
  const outside = { store, clock, channel, watch, policy };
  const declarations = new Declarations(outside);
  const inFlightMax = config.PAYMENT_COLLECTIONS_IN_FLIGHT;
  const sending = { ...outside, channels, vault, inFlightMax };
  const [collector, refunder] = [new Collector(sending), new Refunder(sending)];
  const failedOrders = new FailedOrders(outside);
  const agreement = ledgerAgreement(parts);
  for (const each of [agreement, clearingAgreement(parts)]) parts.agreements.add('payment', each);
  const reconciliations = new Reconciliations({ store, channel, clock, policy });
  const compared = { store, clock, reconciliations, policy, logger };
  const intervalMs = config.PAYMENT_RECONCILE_INTERVAL_MS;
  const reconciler = new Reconciler({ ...compared, intervalMs });
  const pageVisits = config.PAYMENT_CLEARING_PAGE_VISITS;
  const payouts = payoutPolicy(config);
  const clearings = new Clearings({ store, clock, policy, pageVisits, payouts });
  const bank = payoutsOf(parts, { vault, keys, calendars: policy, policy: payouts });
  const clearing = new ClearingWatch({ clearings, logger });
  degradations.report('payment', () => [
    ...watch.degradations(),
    ...doubts.degradations(),
    ...cases.degradations(),
    ...reconciler.degradations(),
    ...clearing.degradations(),
    ...bank.work.degradations(),
  ]);
  observe(store, clock);
  backlog.measure('payment.collections', () => collector.countDue(DUE_SOON_MS));
  backlog.measure('payment.refunds', () => refunder.countDue(DUE_SOON_MS));
  return {
    module: PaymentModule,
    controllers: [
      AccountController,
      ChannelController,
      PersonConsumer,
      CollectionController,
      CollectionConsumer,
      ConfirmationController,
      OrderController,
      AdoptionController,
      CaseController,
      ClearingController,
      PayoutController,
      ReconciliationController,
      WriteOffController,
      CounterController,
    ],
    providers: [
      { provide: STORE, useValue: store },
      ...accountProviders({ store, clock, vault, channels, verifier: channel, policy }),
      ...channelProviders(channels, { store, watch, declarations }),
      {
        provide: Collections,
        useValue: new Collections({ store, clock, vault, channels, policy }),
      },
      { provide: Confirmations, useValue: new Confirmations({ store, clock }) },
      { provide: Declarations, useValue: declarations },
      { provide: Adoptions, useValue: new Adoptions(outside) },
      { provide: Cases, useValue: new Cases({ store, clock, vault, channels, policy }) },
      ...counterProviders({ store, clock, policy }),
      { provide: WriteOffs, useValue: new WriteOffs({ store, clock, policy }) },
      { provide: VisitPayments, useValue: new VisitPayments(store) },
      { provide: Clearings, useValue: clearings },
      { provide: Payouts, useValue: new Payouts({ store, clock, policy }) },
      ...bank.providers,
      { provide: Reconciliations, useValue: reconciliations },
      keyRotation({ service: 'payment', ...parts, keys, tables: sealedTables(vault) }),
      { provide: Reconciler, useValue: reconciler },
      { provide: Doubts, useValue: doubts },
      { provide: CaseWatch, useValue: cases },
      workOf({ collector, refunder, failedOrders, clearing, bank: bank.work }, config, agreement),
    ],
  };
};
