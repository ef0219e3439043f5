import type { EventStore, AuditTrail } from '@caretab/event-store';
import { Jobs, type ServiceParts } from '@caretab/host';
import type { FactoryProvider } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { VisitLedgerConfig } from '../config';
import { observeAnchors } from '../metrics';
import { LOG_ANCHORS } from '../parts';
import type { AnchorPorts } from './anchor-settings';
import { LogAnchors } from './log-anchors';

/** The anchors of the log, where it has places for them, and their job. */
export const anchorsOf = (
  { bus, clock, config, degradations }: ServiceParts<Static<typeof VisitLedgerConfig>>,
  {
    events,
    anchors: ports,
  }: { readonly events: EventStore & AuditTrail; readonly anchors?: AnchorPorts | undefined },
  of: { readonly storeId: string; readonly leads: () => boolean },
): FactoryProvider<LogAnchors> => ({
  provide: LOG_ANCHORS,
  inject: [Jobs],
  useFactory: (jobs: Jobs) => {
    const anchors = new LogAnchors({ ...of, bus, clock, events, ports });
    degradations.report('visit-ledger', () => anchors.degradations());
    observeAnchors(anchors);
    if (ports)
      jobs.every('visit-ledger.anchors', config.VISIT_LEDGER_ANCHOR_INTERVAL_MS, () =>
        anchors.runOnce(),
      );
    return anchors;
  },
});
