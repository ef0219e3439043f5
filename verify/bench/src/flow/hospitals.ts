import { visitLedgerVisits } from '@caretab/contracts';
import type { Consumer } from '@caretab/bus';
import { REST } from '@caretab/kernel';
import {
  ask,
  hospitalHeaders,
  patiently,
  pause,
  requestOf,
  retryAfterMs,
  Unavailable,
  type VisitReport,
} from '@caretab/hospital';
import type { FlowSite } from './site';
import { type FlowVisit, flowVisit } from './visits';

const ACCEPTED = 202;
const SETTLED_TIMEOUT_MS = 120_000;
const LATER: readonly number[] = [429, 503];

/** A visit that was sent. Times are `performance.now()`; `settledAtMs` is NaN until it is. */
export interface SentVisit {
  readonly flow: FlowVisit;
  readonly openedAtMs: number;
  settledAtMs: number;
  /** When the gateway took a report in, and when the bus said what the platform made of it. */
  readonly acceptedAtMs: Map<string, number>;
  readonly publishedAtMs: Map<string, number>;
}

/** Hospitals that send visits over HTTP and learn from the bus when each is settled. */
export class Hospitals {
  readonly sent = new Map<string, SentVisit>();
  settled = 0;
  /** Requests that the gateway asked to repeat later. */
  retries = 0;
  private readonly waiting = new Map<string, () => void>();
  private consumer: Consumer | undefined;

  constructor(
    private readonly site: FlowSite,
    private readonly visitsMax: number,
  ) {}

  async start(): Promise<void> {
    this.consumer = await this.site.bus.consume(
      {
        group: 'bench.flow',
        topics: [visitLedgerVisits.name],
        batchSizeMax: 1000,
        rest: REST.onTheWay,
      },
      async ({ messages }) => {
        for (const { key, headers } of messages) this.read(key, headers['ce_type'] ?? '');
      },
    );
  }

  async stop(): Promise<void> {
    await this.consumer?.stop();
  }

  get hasMore(): boolean {
    return this.sent.size < this.visitsMax;
  }

  /** Full load: `window` visits are always under way until `signal` aborts. */
  async full(window: number, signal: AbortSignal): Promise<void> {
    await Promise.all(
      Array.from({ length: window }, async () => {
        while (!signal.aborted && this.hasMore) await this.send();
      }),
    );
  }

  /** So many visits a second are opened, whether or not earlier ones are settled. */
  async steady(perSecond: number, signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const startedAtMs = performance.now();
    for (let count = 0; !signal.aborted && this.hasMore; count += 1) {
      const dueMs = startedAtMs + (count * 1000) / perSecond - performance.now();
      if (dueMs > 0) await pause(dueMs);
      const visit = this.send().finally(() => underWay.delete(visit));
      underWay.add(visit);
      visit.catch(() => undefined); // Awaited below.
    }
    await Promise.all(underWay);
  }

  /** One visit, from its opening until it is settled. */
  private async send(): Promise<void> {
    const flow = flowVisit(this.sent.size, Date.now());
    const { visitId } = flow;
    const sent: SentVisit = {
      flow,
      openedAtMs: performance.now(),
      settledAtMs: NaN,
      acceptedAtMs: new Map(),
      publishedAtMs: new Map(),
    };
    this.sent.set(visitId, sent);
    const settled = new Promise<void>((resolve) => this.waiting.set(visitId, resolve));
    for (const [index, report] of flow.reports.entries()) {
      await this.post(flow, report, index);
      sent.acceptedAtMs.set(report.kind, performance.now());
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${visitId} is not settled after ${SETTLED_TIMEOUT_MS / 1000} s`)),
        SETTLED_TIMEOUT_MS,
      );
    });
    await Promise.race([settled, late]).finally(() => clearTimeout(timer));
  }

  private async post({ visit }: FlowVisit, report: VisitReport, index: number): Promise<void> {
    const { institutionId, visitNumber } = visit;
    const headers = hospitalHeaders(
      this.site.keyOf(institutionId),
      `bench-${visitNumber}-${index}`,
    );
    const { path, body } = requestOf(visit, report);
    await patiently(async () => {
      const answer = await ask(this.site.gatewayUrl, { method: 'POST', path, body, headers });
      if (answer.status === ACCEPTED) return;
      if (!LATER.includes(answer.status))
        throw new Error(`${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      this.retries += 1;
      throw new Unavailable(`${path} answered ${answer.status}`, {
        waitMs: retryAfterMs(answer.retryAfter),
      });
    });
  }

  /** Times of what comes more than once are those of the last. */
  private read(visitId: string, type: string): void {
    const sent = this.sent.get(visitId);
    if (!sent || !Number.isNaN(sent.settledAtMs)) return;
    sent.publishedAtMs.set(type, performance.now());
    if (type !== 'VisitSettled') return;
    sent.settledAtMs = performance.now();
    this.settled += 1;
    this.waiting.get(visitId)?.();
    this.waiting.delete(visitId);
  }
}
