import { careTimeTolerances } from '@caretab/contracts';
import { type AuditTrail, type EventStore, readEventKeys } from '@caretab/event-store';
import { Jobs, type ServiceParts, STORE } from '@caretab/host';
import { Outages, systemClock } from '@caretab/kernel';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { VisitLedgerConfig } from './config';
import type { EndRules } from './ending/end-rules';
import { EndTimer } from './ending/end-timer';
import { InstitutionConsumer } from './ending/institution.consumer';
import { InstitutionRules } from './ending/institution-rules';
import { Guardians } from './guardian/guardians';
import { PersonConsumer } from './guardian/person.consumer';
import { type AnchorPorts, anchorPortsOf } from './anchors/anchor-settings';
import { anchorsOf } from './anchors/anchors-of';
import { LedgerLock } from './ledger-lock.adapter';
import { type LedgerPlace, openLedger, storeIdOf } from './ledger-store';
import { observeKeptVisits, observeLateCharges } from './metrics';
import { EVENT_STORE, TIMELY, VISIT_STREAMS_OF } from './parts';
import { PlanConsumer } from './plan/plan.consumer';
import { PlanDocuments } from './plan/plan-documents';
import { Resumption } from './set-aside/resumption';
import { passingBy, SetAside } from './set-aside/set-aside';
import { SetAsideController } from './set-aside/set-aside.controller';
import { TopicAudit } from './topic/topic-audit';
import { TopicController } from './topic/topic.controller';
import { AgreementController } from './views/agreement.controller';
import type { Candidate } from './views/leadership';
import { LogPlace, onProvenLog } from './views/log-place';
import { LaterClaims } from './views/later-claims';
import { observeLeading, observeUnidentified, observeWaiting } from './views/metrics';
import { Projection } from './views/projection';
import { StandingStill } from './views/standing-still';
import { ViewsController } from './views/views.controller';
import { Republication } from './visit/republication';
import { RepublicationController } from './visit/republication.controller';
import { KeptVisits } from './visit/kept-visits';
import { Snapshots } from './visit/snapshots';
import { tracedAppends } from './visit/traced-appends';
import { type Timely, VisitConsumer } from './visit/visit.consumer';
import { DecisionController } from './visit/decision.controller';
import { Decisions } from './visit/decisions';
import { PreSettlementController } from './visit/pre-settlement.controller';
import { ProofController } from './visit/proof.controller';
import { UnidentifiedController } from './visit/unidentified.controller';
import { VisitController } from './visit/visit.controller';
import { VisitPublication } from './visit/visit-publication';
import { Visits } from './visit/visits';
import { WaitingLimit } from './visit/waiting-limit';
import { Workers } from './workers';

const HOUR_MS = 3_600_000;
const MEGABYTE = 1024 * 1024;
/** Another process has set a visit aside, or has it go on again. */
const REFRESH_INTERVAL_MS = 2_000;
/** A report waits for hours: a minute more is little. */
const LIMIT_INTERVAL_MS = 60_000;

@Module({})
export class VisitLedgerModule {}

type Parts = ServiceParts<Static<typeof VisitLedgerConfig>>;

export interface VisitLedgerPorts {
  readonly events: EventStore & AuditTrail;
  readonly anchors?: AnchorPorts | undefined;
}

/** EventStoreDB where an address is given, else PostgreSQL, beside the service's own schema. */
const placeOf = ({ config, database }: Parts): LedgerPlace =>
  config.EVENTSTORE_URL
    ? { kind: 'eventstoredb', url: config.EVENTSTORE_URL, namespace: config.EVENTSTORE_NAMESPACE }
    : {
        kind: 'postgres',
        ...{ url: database.url, ownerUrl: database.ownerUrl },
        schema: `${database.schema}_events`,
        poolMax: config.VISIT_LEDGER_EVENT_POOL_MAX,
      };

/** The events, for as long as the service runs; a move of the ledger waits for it to stop. */
export const visitLedgerPorts = async (parts: Parts): Promise<VisitLedgerPorts> => {
  const lock = await LedgerLock.take({
    ...parts.database,
    mode: 'together',
    timers: parts.timers,
    outages: new Outages(parts.logger, { what: 'ledger lock', fails: 'lost', level: 'error' }),
  });
  parts.closes(() => lock.release());
  const keys = readEventKeys(parts.config.VISIT_LEDGER_EVENT_KEYS);
  if (keys.signedAfter === undefined) reportUnsigned(parts);
  const events = await openLedger(placeOf(parts), {
    keys,
    outages: new Outages(parts.logger, { what: 'event store follower', level: 'error' }),
  });
  parts.closes(() => events.close());
  return { events, anchors: anchorPortsOf(parts.config) };
};

/** While replicas of the release before still write, any event without a signature is taken for ours. */
const reportUnsigned = ({ degradations, clock }: Parts): void => {
  const degradation = {
    what: 'event signatures',
    why: 'events without a signature are accepted: set signedAfter (docs/runbooks/event-keys.md)',
    since: clock.now(),
  };
  degradations.report('visit-ledger', () => [degradation]);
};

/** What holds where an institution's profile says nothing. */
const defaultRules = (config: Parts['config']): EndRules => ({
  graceMs: config.VISIT_LEDGER_GRACE_MS,
  lateCharge: config.VISIT_LEDGER_LATE_CHARGE,
  outpatientEnd: config.VISIT_LEDGER_OUTPATIENT_END,
  emergencyEnd: config.VISIT_LEDGER_EMERGENCY_END,
});

/** Undefined where none are wanted. */
const snapshotsOf = (parts: Parts): Snapshots | undefined => {
  const { VISIT_LEDGER_SNAPSHOT_EVENTS: eventsMin, VISIT_LEDGER_EVENT_KEYS } = parts.config;
  if (eventsMin === 0) return undefined;
  const snapshots = new Snapshots({
    ...parts,
    keys: readEventKeys(VISIT_LEDGER_EVENT_KEYS),
    eventsMin,
  });
  parts.closes(() => snapshots.close());
  return snapshots;
};

const keptVisitsOf = ({ config }: Parts): KeptVisits => {
  const kept = new KeptVisits(config.VISIT_LEDGER_KEPT_VISITS_MB * MEGABYTE);
  observeKeptVisits(kept);
  return kept;
};

const CONTROLLERS = [
  InstitutionConsumer,
  PersonConsumer,
  PlanConsumer,
  VisitConsumer,
  VisitController,
  PreSettlementController,
  ProofController,
  TopicController,
  DecisionController,
  UnidentifiedController,
  ViewsController,
  AgreementController,
  RepublicationController,
  SetAsideController,
];

const TIMER_INTERVAL_MS = Symbol('timer interval');

@Injectable()
class EndTimerJob implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(EndTimer) private readonly timer: EndTimer,
    @Inject(TIMER_INTERVAL_MS) private readonly intervalMs: number,
  ) {}

  onModuleInit(): void {
    this.jobs.every('visit-ledger.end-visits', this.intervalMs, () => this.timer.runOnce());
  }
}

/**
 * What reads the log of all, in the process that leads; `/health` says which of them stands still
 * there.
 */
const followersOf = (
  { bus, store, clock, degradations, ids, timers, config }: Parts,
  {
    events,
    storeId,
    setAside,
  }: { readonly events: EventStore; readonly storeId: string; readonly setAside: SetAside },
) => {
  const owner = ids.next();
  const candidate = (follower: string): Candidate => {
    const standing = new StandingStill(follower, clock);
    degradations.report('visit-ledger', () => standing.degradations());
    const timeoutMs = config.VISIT_LEDGER_LEADER_TIMEOUT_MS;
    return { storeId, owner, timers, timeoutMs, onTurn: standing.onTurn };
  };
  const followed = passingBy(events, setAside.note);
  const published = candidate('the publication of visits');
  const publication = new VisitPublication(followed, bus, store, published, setAside);
  const projection = new Projection(followed, store, candidate('the views of visits'), {
    streams: setAside,
    keptBytesMax: config.VISIT_LEDGER_KEPT_ROWS_MB * MEGABYTE,
  });
  observeLeading({ publication, views: projection });
  const republication = new Republication(followed, bus, setAside);
  return { publication, projection, republication };
};

const setAsideOf = (parts: Parts, storeId: string, proveLog: () => Promise<void>): SetAside => {
  const { VISIT_LEDGER_SET_ASIDE_A_MINUTE_MAX: aMinuteMax } = parts.config;
  const setAside = new SetAside({ ...parts, storeId, proveLog, aMinuteMax });
  setAside.observe();
  parts.degradations.report('visit-ledger', () => setAside.degradations());
  return setAside;
};

/** The anchors of the log, which are made at an interval. */
/** Wires doors, the event store and the views. */
export const visitLedgerModule = (parts: Parts, ports: VisitLedgerPorts): DynamicModule => {
  const { events } = ports;
  const storeId = storeIdOf(placeOf(parts));
  const setAside = setAsideOf(parts, storeId, () => place.prove());
  const log = { events, storeId, setAside };
  const { publication, projection, republication } = followersOf(parts, log);
  const claims = new LaterClaims(parts.store);
  const rules = new InstitutionRules(parts.store, defaultRules(parts.config));
  const place: LogPlace = new LogPlace({
    ...{ store: parts.store, clock: parts.clock, logger: parts.logger, events },
    onLost: () => visits.forget(),
  });
  parts.degradations.report('visit-ledger', () => place.degradations());
  const snapshots = snapshotsOf(parts);
  const proven = onProvenLog(tracedAppends(events), place);
  const documents = new PlanDocuments(parts.store);
  const visits = new Visits(proven, setAside, keptVisitsOf(parts), snapshots, documents);
  const timed = {
    ...{ store: parts.store, clock: parts.clock, visits },
    isAside: (visitId: string): boolean => setAside.isAside(visitId),
  };
  const [timer, limit] = [new EndTimer({ ...timed, rules }), new WaitingLimit(timed)];
  observeLateCharges(parts.store);
  observeUnidentified(parts.store);
  observeWaiting(parts.store, parts.clock, parts.config.VISIT_LEDGER_WAIT_HOURS * HOUR_MS);
  parts.backlog.measure('visit-ledger.publication', () => publication.pending());
  parts.backlog.measure('visit-ledger.views', () => projection.pending());
  return {
    module: VisitLedgerModule,
    controllers: CONTROLLERS,
    providers: [
      { provide: EVENT_STORE, useValue: events },
      { provide: VISIT_STREAMS_OF, useValue: setAside },
      anchorsOf(parts, ports, { storeId, leads: () => publication.leads }),
      {
        provide: TIMELY,
        useValue: {
          clock: parts.clock,
          tolerances: careTimeTolerances(parts.config),
          waitMs: parts.config.VISIT_LEDGER_WAIT_HOURS * HOUR_MS,
          ...{ rules, claims, documents },
        } satisfies Timely,
      },
      {
        provide: TopicAudit,
        useValue: new TopicAudit({
          ...{ ...parts, events, streams: setAside, clock: systemClock },
          ...{ publishedTo: () => publication.position() },
        }),
      },
      { provide: STORE, useValue: parts.store },
      { provide: PlanDocuments, useValue: documents },
      { provide: Guardians, useValue: new Guardians(parts.store) },
      { provide: LaterClaims, useValue: claims },
      { provide: Visits, useValue: visits },
      { provide: Decisions, useValue: new Decisions(visits, parts.timers) },
      {
        provide: WaitingLimit,
        inject: [Jobs],
        useFactory: (jobs: Jobs): WaitingLimit => {
          jobs.every('visit-ledger.waiting-limit', LIMIT_INTERVAL_MS, () => limit.runOnce());
          jobs.every('visit-ledger.set-aside', REFRESH_INTERVAL_MS, () => setAside.refresh());
          jobs.every('visit-ledger.log-place', REFRESH_INTERVAL_MS, () => place.runOnce());
          if (snapshots) jobs.every('visit-ledger.snapshots', HOUR_MS, () => snapshots.prune());
          return limit;
        },
      },
      { provide: EndTimer, useValue: timer },
      { provide: TIMER_INTERVAL_MS, useValue: parts.config.VISIT_LEDGER_TIMER_INTERVAL_MS },
      { provide: Projection, useValue: projection },
      { provide: Republication, useValue: republication },
      {
        provide: Resumption,
        useValue: new Resumption({ ...parts, events, setAside, projection, republication }),
      },
      EndTimerJob,
      { provide: Workers, useValue: new Workers(events, setAside, publication, projection) },
    ],
  };
};
