import { careTimeTolerances, DAY_MS } from '@caretab/contracts';
import { Jobs, keyRotation, throttled, type ServiceParts, STORE } from '@caretab/host';
import { KeyFile } from '@caretab/security';
import { activeTraceparent, meter, nameVisit } from '@caretab/telemetry';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import { guard } from './admission/overload-protection';
import { ActivationBudget } from './api/activation-budget';
import { ActivationClient } from './api/activation.adapter';
import { ActivationsController } from './api/activations.controller';
import { AgreementsController } from './api/agreements.controller';
import { ConfirmationsController } from './api/confirmations.controller';
import { CreditClient } from './api/credit.adapter';
import { HolderCasesController } from './api/holder-cases.controller';
import { HospitalKeys } from './api/institution.guard';
import { HttpDoor } from './api/http-door';
import { PaymentClient } from './api/payment.adapter';
import { NotificationClient } from './api/notification.adapter';
import { ReadsController } from './api/reads.controller';
import { SubmissionsController } from './api/submissions.controller';
import { UnidentifiedVisitsController } from './api/unidentified-visits.controller';
import { VisitLedgerClient } from './api/visit-ledger.adapter';
import { VisitsController } from './api/visits.controller';
import { WebhooksController } from './api/webhooks.controller';
import { activationBudgetIn, lookupsIn, missesIn } from './budgets';
import type { GatewayConfig } from './config';
import { FateConsumer } from './fate/fate.consumer';
import { Hl7Door } from './hl7/hl7-door';
import type { Hl7DoorParts } from './hl7/hl7-door-parts';
import { mllpOptions, observeMllp } from './hl7/mllp-options';
import { type MllpOptions, MllpServer } from './hl7/mllp-server.adapter';
import { Envelope } from './intake/envelope';
import { Forgetting } from './intake/forgetting';
import { HolderCases, observeHolderCases } from './intake/holder-cases';
import { VisitNames } from './intake/visit-names';
import { Presented } from './intake/presented';
import { Lookups } from './intake/lookups';
import { Intake, type IntakeParts } from './intake/intake';
import type { TakingParts } from './intake/taking';
import { PersonConsumer } from './intake/person.consumer';
import { ReportConsumer } from './reports/report.consumer';
import { reportDoor } from './reports/providers';
import { LooksClient } from './looks/looks.adapter';
import { LooksController } from './looks/looks.controller';
import { neighboursOf } from './neighbours';
import { MLLP_OPTIONS, MLLP_WATCH, PARTNERS } from './parts';
import { Mentions } from './quarantine/mentions';
import { Quarantine } from './quarantine/quarantine';
import { QuarantineController } from './quarantine/quarantine.controller';
import { observeQuarantine } from './quarantine/metrics';
import { SummaryController } from './summary.controller';

@Module({})
export class GatewayModule {}

const FORGET_INTERVAL_MS = 60 * 60 * 1000;
const REPORT_INTERVAL_MS = 10_000;
const WATCH_INTERVAL_MS = 2_000;

type Parts = ServiceParts<Static<typeof GatewayConfig>>;

export interface GatewayPorts {
  /** What listens beside HTTP. */
  readonly listeners: readonly Provider[];
  /** When the messages that wait are taken in together; at the end of the turn by default. */
  readonly later?: TakingParts['later'];
}

/** Measures the HL7 door, and takes over its files when they change. */
const mllpWatch: Provider = {
  provide: MLLP_WATCH,
  inject: [Jobs, MllpServer, MLLP_OPTIONS],
  useFactory: (jobs: Jobs, server: MllpServer, options: MllpOptions) => {
    observeMllp(server, options);
    if (options.tls)
      jobs.every('edge.watch-mllp-files', WATCH_INTERVAL_MS, async () => (server.refresh(), 0));
    return server;
  },
};

export const gatewayPorts = (): GatewayPorts => ({ listeners: [MllpServer, mllpWatch] });

/** Counts bytes over MLLP that get no answer, and logs them at most every ten seconds. */
const unansweredIn = ({ clock, logger, config }: Parts): Hl7DoorParts['unanswered'] => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.hl7_unanswered', {
    description: 'Frames and bytes over MLLP without a control id, which get no answer, by why',
  });
  const log = throttled(clock, REPORT_INTERVAL_MS, (count) =>
    logger.warn(
      { count, port: config.GATEWAY_MLLP_PORT },
      'HL7 bytes without a control id: not answered; see the quarantine',
    ),
  );
  return (why) => {
    counter.add(1, { why });
    log();
  };
};

/** Counts messages that are ignored or only judged. */
const passedOverIn = (): Hl7DoorParts['passedOver'] => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.hl7_passed_over', {
    description: 'HL7 messages that are not needed, or only judged as tests, by why and type',
  });
  return (why, type) => counter.add(1, { why, type });
};

/** Counts refused messages that are not kept, and logs them at most every ten seconds. */
const droppedIn = ({ clock, logger }: Parts): ((door: string) => void) => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.quarantine_dropped', {
    description: 'Refused messages that were not kept, since their sender has too many',
  });
  const log = throttled(clock, REPORT_INTERVAL_MS, (count) =>
    logger.warn({ count }, 'quarantine full for a sender: refused messages are not kept'),
  );
  return (door) => {
    counter.add(1, { door });
    log();
  };
};

/** Counts holders who are not as registered, and logs them at most every ten seconds. */
const holderDiffersIn = ({ clock, logger }: Parts): IntakeParts['holderDiffers'] => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.holder_differs', {
    description: 'Visits accepted with a holder who is registered otherwise, by door and field',
  });
  const log = throttled(clock, REPORT_INTERVAL_MS, (count) =>
    logger.warn(
      { count },
      'holder differs from the registered person: accepted, its hospital was answered so',
    ),
  );
  return (door, fields) => {
    for (const field of fields) counter.add(1, { door, field });
    log();
  };
};

const quarantineOf = (parts: Parts, envelope: Envelope): Quarantine => {
  const { store, clock, config } = parts;
  const bounds = {
    rowsMax: config.GATEWAY_QUARANTINE_ROWS_MAX,
    bytesMax: config.GATEWAY_QUARANTINE_BYTES_MAX,
    unknownRowsMax: config.GATEWAY_QUARANTINE_UNKNOWN_ROWS_MAX,
  };
  observeQuarantine(store, clock);
  return new Quarantine({ store, clock, envelope, bounds, dropped: droppedIn(parts) });
};

const holderCasesOf = ({ store, clock }: Parts): HolderCases => {
  observeHolderCases(store, clock);
  return new HolderCases({ store, clock });
};

const presenceIn = (
  { store, clock }: Parts,
  from: ConstructorParameters<typeof VisitNames>[0],
): Provider[] => [
  { provide: VisitNames, useValue: new VisitNames(from) },
  { provide: Presented, useValue: new Presented({ store, clock }) },
];

const forgettingBy = (forgetting: Forgetting, mentions: Mentions): Provider => ({
  provide: Forgetting,
  inject: [Jobs],
  useFactory: (jobs: Jobs): Forgetting => {
    jobs.every('gateway.forget', FORGET_INTERVAL_MS, () => forgetting.runOnce());
    jobs.every('gateway.index-quarantine', WATCH_INTERVAL_MS, () => mentions.runOnce());
    return forgetting;
  },
});

/** Wires both doors, the intake behind them, and what an operator sees. */
export const gatewayModule = (parts: Parts, { listeners, later }: GatewayPorts): DynamicModule => {
  const { config, store, clock, logger } = parts;
  const keys = new KeyFile('GATEWAY_SEALING_KEY', config.GATEWAY_SEALING_KEY);
  const envelope = new Envelope(keys);
  const { partners, activations, ledger, notification, payment, looks, credit } = neighboursOf(
    parts,
    missesIn(parts),
  );
  const intake = new Intake({
    ...{ store, clock, partners, envelope, later },
    careTimes: careTimeTolerances(config),
    traceparent: activeTraceparent,
    visitKnown: nameVisit,
    holderDiffers: holderDiffersIn(parts),
  });
  const quarantine = quarantineOf(parts, envelope);
  const mentions = new Mentions({ store, clock, envelope, partners });
  parts.callers.add(new HospitalKeys(partners));
  const { admit, providers: guards } = guard(parts);
  const mllp = mllpOptions(parts);
  const hl7 = new Hl7Door({
    intake,
    quarantine,
    partners,
    clock,
    admit,
    mayCertificateSpeak: (certificate, id) => mllp.tls?.maySpeak(certificate, id) ?? false,
    decisionsOn: (visitId, charges, asking) => ledger.decisionsOn(visitId, charges, asking),
    failed: (error) =>
      logger.error({ err: error }, 'HL7 message not stored: its sender was asked to retry'),
    unanswered: unansweredIn(parts),
    passedOver: passedOverIn(),
  });
  const keptMs = config.GATEWAY_RAW_RETENTION_DAYS * DAY_MS;
  const forgetting = new Forgetting({ store, clock, keptMs, mentions });
  return {
    module: GatewayModule,
    controllers: [
      VisitsController,
      ReadsController,
      SubmissionsController,
      WebhooksController,
      AgreementsController,
      ConfirmationsController,
      ActivationsController,
      UnidentifiedVisitsController,
      LooksController,
      HolderCasesController,
      QuarantineController,
      SummaryController,
      PersonConsumer,
      FateConsumer,
      ReportConsumer,
    ],
    providers: [
      ...listeners,
      ...guards,
      // Messages are forgotten in time, and with them what an earlier key sealed.
      keyRotation({ service: 'gateway', ...parts, keys, tables: [] }),
      { provide: STORE, useValue: store },
      { provide: PARTNERS, useValue: partners },
      { provide: Lookups, useValue: lookupsIn(parts) },
      { provide: ActivationClient, useValue: activations },
      { provide: ActivationBudget, useValue: activationBudgetIn(parts) },
      { provide: MLLP_OPTIONS, useValue: mllp },
      { provide: VisitLedgerClient, useValue: ledger },
      { provide: NotificationClient, useValue: notification },
      { provide: LooksClient, useValue: looks },
      { provide: PaymentClient, useValue: payment },
      { provide: CreditClient, useValue: credit },
      ...presenceIn(parts, { partners, envelope }),
      { provide: Quarantine, useValue: quarantine },
      { provide: HolderCases, useFactory: () => holderCasesOf(parts) },
      { provide: Hl7Door, useValue: hl7 },
      { provide: HttpDoor, useValue: new HttpDoor({ intake, quarantine }) },
      reportDoor(intake, admit),
      forgettingBy(forgetting, mentions),
    ],
  };
};
