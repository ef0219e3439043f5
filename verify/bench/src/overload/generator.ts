import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../charge-record';
import { type Order, type Outcome, type Plan, requestOf, type Spread } from './plan';

/**
 * Held open, as hospitals' systems do: Node accepts one new connection per turn of its loop, and a
 * flood of new ones would measure that.
 */
const CONNECTIONS = 600;
/** Beyond it the generator would measure itself. */
const UNDER_WAY_MAX = 4000;
const TICK_MS = 5;
const ANSWER_TIMEOUT_MS = 30_000;
const ACCEPTED = 202;
const REFUSED = 429;

interface Heard {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

export const spread = (values: readonly number[]): Spread => {
  const times = Float64Array.from(values);
  const rounded = (value: number): number => (Number.isNaN(value) ? 0 : Number(value.toFixed(1)));
  return {
    count: times.length,
    p50Ms: rounded(quantile(times, 0.5)),
    p99Ms: rounded(quantile(times, 0.99)),
    maxMs: rounded(quantile(times, 1)),
  };
};

/**
 * Posts charges to the gateway, each number once. A shed request is not retried, so that the
 * offered rate stays constant.
 */
export class Generator {
  private readonly agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS,
    maxFreeSockets: CONNECTIONS,
  });
  private number: number;

  constructor(private readonly plan: Plan) {
    this.number = plan.firstNumber;
  }

  async run(order: Order): Promise<Outcome> {
    const tally = new Tally();
    if (order.kind === 'flood') await this.connect();
    const startedAtMs = performance.now();
    const pending = new Set<Promise<void>>();
    const send = (dueAtMs: number): Promise<void> => {
      const number = this.next();
      const sent = this.post(number)
        .then((heard) => tally.note(number, heard, dueAtMs))
        .finally(() => pending.delete(sent));
      pending.add(sent);
      return sent;
    };
    if (order.kind === 'capacity') {
      const endsAtMs = startedAtMs + order.forMs;
      await Promise.all(
        Array.from({ length: order.senders }, async () => {
          while (performance.now() < endsAtMs) await send(performance.now());
        }),
      );
    } else
      await this.flood(order, startedAtMs, (dueAtMs) =>
        pending.size < UNDER_WAY_MAX ? void send(dueAtMs) : tally.leaveOut(),
      );
    const tookMs = performance.now() - startedAtMs;
    await Promise.all(pending);
    return tally.outcome(tookMs);
  }

  private async flood(
    { perSecond, forMs }: Extract<Order, { kind: 'flood' }>,
    startedAtMs: number,
    send: (dueAtMs: number) => void,
  ): Promise<void> {
    const all = Math.round((perSecond * forMs) / 1000);
    for (let sent = 0; sent < all; await sleep(TICK_MS)) {
      const due = Math.min(
        all,
        1 + Math.floor(((performance.now() - startedAtMs) * perSecond) / 1000),
      ); // The first at once.
      for (; sent < due; sent += 1) send(startedAtMs + (sent * 1000) / perSecond);
    }
  }

  private async connect(): Promise<void> {
    await Promise.all(
      Array.from(
        { length: CONNECTIONS },
        () =>
          new Promise<void>((resolve, reject) =>
            httpRequest(
              new URL('/health/live', this.plan.gatewayUrl),
              { agent: this.agent },
              (response) => response.on('end', resolve).resume(),
            )
              .on('error', reject)
              .end(),
          ),
      ),
    );
  }

  private next(): number {
    if (this.number >= this.plan.firstNumber + this.plan.numbersMax)
      throw new Error('the run is too long for its numbers: take fewer seconds');
    this.number += 1;
    return this.number - 1;
  }

  private post(number: number): Promise<Heard | undefined> {
    const { path, key, body } = requestOf(this.plan, number);
    const headers = {
      authorization: `Bearer ${key}`,
      'idempotency-key': `bench-${number}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve) => {
      const lost = (): void => resolve(undefined);
      const sent = httpRequest(
        new URL(path, this.plan.gatewayUrl),
        { method: 'POST', agent: this.agent, headers, timeout: ANSWER_TIMEOUT_MS },
        (response) => {
          response
            .on('error', lost)
            .on('end', () =>
              resolve({
                status: response.statusCode!,
                retryAfter: response.headers['retry-after'],
              }),
            )
            .resume();
        },
      );
      sent
        .on('error', lost)
        .on('timeout', () => sent.destroy())
        .end(body);
    });
  }
}

class Tally {
  private readonly numbers = {
    accepted: [] as number[],
    refused: [] as number[],
    unknown: [] as number[],
  };
  private readonly times = { accepted: [] as number[], refused: [] as number[] };
  private readonly dueAtMs: number[] = [];
  private readonly otherAnswers: Record<string, number> = {};
  private readonly retryAfter: Record<string, number> = {};
  private unsent = 0;

  leaveOut(): void {
    this.unsent += 1;
  }

  note(number: number, heard: Heard | undefined, dueAtMs: number): void {
    const tookMs = performance.now() - dueAtMs;
    if (heard?.status !== ACCEPTED && heard?.status !== REFUSED) {
      this.numbers.unknown.push(number);
      const answer = heard ? String(heard.status) : 'none';
      this.otherAnswers[answer] = (this.otherAnswers[answer] ?? 0) + 1;
      return;
    }
    const kind = heard.status === ACCEPTED ? 'accepted' : 'refused';
    this.numbers[kind].push(number);
    if (kind === 'accepted') this.dueAtMs.push(performance.timeOrigin + dueAtMs);
    this.times[kind].push(tookMs);
    if (kind === 'refused')
      this.retryAfter[heard.retryAfter ?? 'none'] =
        (this.retryAfter[heard.retryAfter ?? 'none'] ?? 0) + 1;
  }

  outcome(tookMs: number): Outcome {
    const { accepted, refused, unknown } = this.numbers;
    return {
      tookMs,
      offered: accepted.length + refused.length + unknown.length + this.unsent,
      unsent: this.unsent,
      accepted: spread(this.times.accepted),
      refused: spread(this.times.refused),
      acceptedNumbers: accepted,
      acceptedDueAtMs: this.dueAtMs,
      refusedNumbers: refused,
      unknownNumbers: unknown,
      otherAnswers: this.otherAnswers,
      retryAfter: this.retryAfter,
    };
  }
}
