import { Jobs, type ServiceParts } from '@caretab/host';
import type { Provider } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { GatewayConfig } from '../config';
import { Admission, type Leave } from './admission';
import { type Behind, Congestion } from './congestion';
import { FrontDoor } from './front-door';
import { observe } from './metrics';
import { CongestionWatch } from './congestion-watch';

const WATCH_INTERVAL_MS = 1_000;

/** Citizens' answers at once. */
const AGREEMENTS_MAX = 8;

export interface Guarded {
  /** An HL7 message's turn. */
  readonly admit: (institutionId: string) => Promise<Leave>;
  /** The measures of the outbox and the ledger's lag. */
  readonly providers: readonly Provider[];
}

/** The measures as a log line ends with them; `?` where one is unknown. */
const measured = ({ outbox, lag }: Behind): string =>
  `(outbox=${outbox ?? '?'}, ledgerLag=${lag ?? '?'})`;

/**
 * Wires what keeps the gateway from taking in more than it, its outbox and the ledger can work on.
 */
export const guard = ({
  config,
  store,
  bus,
  timers,
  logger,
  callers,
  beforeBody,
}: ServiceParts<Static<typeof GatewayConfig>>): Guarded => {
  const {
    GATEWAY_IN_WORK_MAX: inWorkMax,
    GATEWAY_QUESTIONS_MAX: questionsMax,
    GATEWAY_WAITING_MAX: waitingMax,
    GATEWAY_OUTBOX_MAX: outboxMax,
  } = config;
  const submissions = new Admission(
    {
      inWorkMax,
      perInstitutionMax: Math.min(config.GATEWAY_IN_WORK_PER_INSTITUTION_MAX, inWorkMax),
      waitingMax,
    },
    timers,
  );
  const questions = new Admission(
    { inWorkMax: questionsMax, perInstitutionMax: questionsMax, waitingMax },
    timers,
  );
  const agreements = new Admission(
    { inWorkMax: AGREEMENTS_MAX, perInstitutionMax: AGREEMENTS_MAX, waitingMax: AGREEMENTS_MAX },
    timers,
  );
  const congestion = new Congestion(
    { outboxMax, lagMax: config.GATEWAY_LEDGER_LAG_MAX },
    timers,
    (isOpen, behind) =>
      isOpen
        ? logger.info(behind, `backpressure off: accepting submissions ${measured(behind)}`)
        : logger.warn(behind, `backpressure on: rejecting submissions ${measured(behind)}`),
  );
  const frontDoor = new FrontDoor({
    callers,
    congestion,
    submissions,
    questions,
    agreements,
    waitMs: config.GATEWAY_ADMISSION_TIMEOUT_MS,
  });
  beforeBody?.((request, response) => frontDoor.enter(request, response));
  observe({ submissions, questions, congestion });
  const watch = new CongestionWatch({ store, bus, timers, congestion, logger, outboxMax });
  const watching: Provider = {
    provide: CongestionWatch,
    inject: [Jobs],
    // Named after no service: polling is not counted as pending work of one.
    useFactory: (jobs: Jobs): CongestionWatch => {
      jobs.every('edge.watch-outbox', WATCH_INTERVAL_MS, () => watch.outbox());
      jobs.every('edge.watch-lag', WATCH_INTERVAL_MS, () => watch.lag());
      return watch;
    },
  };
  return {
    admit: async (institutionId) => {
      await congestion.opened(config.GATEWAY_MLLP_ADMISSION_TIMEOUT_MS);
      return submissions.enter(institutionId, config.GATEWAY_MLLP_ADMISSION_TIMEOUT_MS);
    },
    providers: beforeBody ? [watching] : [],
  };
};
