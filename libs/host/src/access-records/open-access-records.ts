import { DAY_MS } from '@caretab/contracts';
import { systemClock, systemIds } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type Logger, meter } from '@caretab/telemetry';
import { ANCHOR_INTERVAL_MS, serviceAnchorsOf } from '../anchors/service-anchors';
import { PRUNE_INTERVAL_MS, type Start } from '../start';
import { throttled } from '../throttled';
import { AccessRecords } from './access-records';
import { recordLog } from './verification';

/** Counts of refusals are written within this after their minute. */
const LOOK_INTERVAL_MS = 15_000;
const REPORT_INTERVAL_MS = 60_000;

/** Opens the records of a service, with their jobs; what waits is written before its store closes. */
export const openAccessRecords = (
  { accessRecords, closing, config, jobs, degradations }: Start,
  {
    service,
    store,
    logger,
  }: { readonly service: string; readonly store: Store; readonly logger: Logger },
): void => {
  const counter = meter(`caretab.${service}`).createCounter(`caretab.${service}.access_records`, {
    description: 'Requests in the record of access, by outcome',
  });
  const report = throttled(systemClock, REPORT_INTERVAL_MS, (count) =>
    logger.error({ count }, 'refused requests not in the record of access'),
  );
  const anchors = serviceAnchorsOf(config, {
    ...{ service, kind: 'access', log: recordLog(store), clock: systemClock },
  });
  const records = new AccessRecords({
    ...{ store, clock: systemClock, ids: systemIds, anchoredBy: anchors },
    keptMs: config.ACCESS_RECORD_RETENTION_DAYS * DAY_MS,
    written: (outcome, count) => counter.add(count, { outcome }),
    failed: () => report(),
  });
  accessRecords.set(service, records);
  closing.add(`${service}: records of access`, () => records.drain());
  jobs.every(`caretab.count-refusals:${service}`, LOOK_INTERVAL_MS, () => records.look());
  jobs.every(`caretab.prune-access-records:${service}`, PRUNE_INTERVAL_MS, () => records.prune());
  if (!anchors) return;
  logger.info({ publicKey: anchors.publicKey }, 'records of access are anchored');
  degradations.report(service, () => anchors.degradations());
  jobs.every(`caretab.anchor-access:${service}`, ANCHOR_INTERVAL_MS, () => anchors.runOnce());
};
