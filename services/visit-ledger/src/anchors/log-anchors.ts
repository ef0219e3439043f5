import {
  Anchoring,
  type AnchorReport,
  compareAll,
  compareAt,
  type ComparisonParts,
  type InclusionProof,
  proveInclusion,
} from '@caretab/anchors';
import type { Bus } from '@caretab/bus';
import type { AuditTrail } from '@caretab/event-store';
import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { publishAnchor } from './anchor.publisher';
import type { AnchorPorts } from './anchor-settings';

const RUNBOOK = 'docs/runbooks/anchors.md';

interface LogAnchorsParts {
  readonly events: Pick<AuditTrail, 'entries' | 'positions'>;
  readonly storeId: string;
  readonly ports: AnchorPorts | undefined;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly leads: () => boolean;
}

/** The anchors of the log of visits, or that there are none. */
export class LogAnchors {
  private readonly anchoring: Anchoring | undefined;
  private readonly comparison: ComparisonParts | undefined;
  private readonly since: Date;

  constructor({ events, storeId, ports, ...parts }: LogAnchorsParts) {
    this.since = parts.clock.now();
    if (!ports) return;
    const common = { ...ports, log: events, store: storeId };
    const anchoring = new Anchoring({
      ...{ ...common, leads: parts.leads, publish: publishAnchor(parts) },
      elapsedMs: () => parts.clock.now().getTime(),
    });
    this.anchoring = anchoring;
    this.comparison = { ...common, remembered: () => anchoring.remembered };
  }

  async runOnce(): Promise<0> {
    return this.anchoring ? this.anchoring.runOnce() : 0;
  }

  /** Undefined where this process does not anchor. */
  ageMs(): number | undefined {
    return this.anchoring?.ageMs();
  }

  /** Compares the whole log, or what stands at some positions; null without anchors. */
  async compare(positions?: readonly bigint[]): Promise<AnchorReport | null> {
    if (!this.comparison) return null;
    return positions ? compareAt(positions, this.comparison) : compareAll(this.comparison);
  }

  /** Undefined where no anchor covers the position yet. */
  async prove(position: bigint): Promise<InclusionProof | undefined> {
    return this.comparison && proveInclusion(position, this.comparison);
  }

  degradations(): readonly Degradation[] {
    const whys = this.anchoring?.faults() ?? ['none are made: no key and no places are set'];
    return whys.map((why) => ({
      what: 'the anchors of the log',
      why: `${why} (${RUNBOOK})`,
      since: this.since,
    }));
  }
}
