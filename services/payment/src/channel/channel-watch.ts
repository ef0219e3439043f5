import { type Degradation, throttled } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { type Logger, meter } from '@caretab/telemetry';
import type { CircuitPolicy } from '../collection/policy';
import type { PaymentOutcome, RefundOutcome, Silence } from './channel';
import { Circuit } from './circuit';

const LOG_INTERVAL_MS = 60_000;

const WHY: Readonly<Record<Silence | 'restarted', string>> = {
  restarted: 'orders were without an answer as the service began; the next request tries',
  unauthorized: 'the acquirer answers 401: check PAYMENT_ACQUIRER_SECRET and the clock',
  forbidden: 'the acquirer answers 403: check our rights there',
  failing: 'the acquirer answers 408, 429 or 5xx',
  timeout: 'the acquirer does not answer in time',
  unreachable: 'no connection to the acquirer: check PAYMENT_ACQUIRER_URL and the network',
  unreadable: 'the acquirer’s answers cannot be read',
};

interface Watched {
  readonly circuit: Circuit;
  readonly logs: Map<Silence, () => void>;
  forged?: () => void;
}

/** Watches every request to the channels: their circuits, log lines, metrics and health. */
export class ChannelWatch {
  private readonly channels = new Map<string, Watched>();
  private readonly failures;
  private readonly forgeries;

  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly policy: CircuitPolicy;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {
    const payment = meter('caretab.payment');
    this.failures = payment.createCounter('caretab.payment.channel_failures', {
      description: 'Requests to a channel without a usable answer, by why',
    });
    this.forgeries = payment.createCounter('caretab.payment.channel_forgeries', {
      description: 'Answers in the name of a channel that it did not sign',
    });
    payment
      .createObservableGauge('caretab.payment.circuit_open', {
        description: '1 while the circuit of a channel is open: no orders are sent',
      })
      .addCallback((result) => {
        for (const [channel, { circuit }] of this.channels)
          result.observe(circuit.state ? 1 : 0, { channel });
      });
  }

  /**
   * Undefined: a request to the channel may go; `orderId` of an order or a refund that may be out.
   * Else when to ask again: its circuit is open.
   */
  admit(channel: string, orderId?: string): Date | undefined {
    return this.of(channel).circuit.admit(this.parts.clock.now(), orderId);
  }

  /** Notes how a request for an order or a refund ended; returns the outcome. */
  note<Outcome extends PaymentOutcome | RefundOutcome>(
    channel: string,
    orderId: string,
    outcome: Outcome,
  ): Outcome {
    const { circuit } = this.of(channel);
    if (outcome.status !== 'no-answer') {
      if (circuit.succeed()) this.parts.logger.info({ channel }, 'circuit closed');
      return outcome;
    }
    const { silence } = outcome;
    this.failures.add(1, { channel, silence });
    this.logOf(channel, silence)();
    if (circuit.fail(orderId, silence, this.parts.clock.now()))
      this.parts.logger.warn(
        { channel, silence },
        `circuit opened: no orders are sent to the channel, ${WHY[silence]}`,
      );
    return outcome;
  }

  /** An answer or a push in the channel's name that it did not sign: nothing of it is believed. */
  forged(channel: string): void {
    this.forgeries.add(1, { channel });
    this.forgeryLogOf(channel)();
  }

  /** These orders to the channel had no answer before this process began, the oldest `since`. */
  resume(channel: string, orderIds: readonly string[], since: Date): void {
    if (this.of(channel).circuit.resume(orderIds, since))
      this.parts.logger.warn({ channel }, `circuit opened: ${WHY.restarted}`);
  }

  /** Channels whose circuit is open. */
  degradations(): readonly Degradation[] {
    return [...this.channels].flatMap(
      ([
        channel,
        {
          circuit: { state },
        },
      ]) =>
        state ? [{ what: `channel ${channel}`, why: WHY[state.silence], since: state.since }] : [],
    );
  }

  private of(channel: string): Watched {
    const known = this.channels.get(channel);
    if (known) return known;
    const fresh = { circuit: new Circuit(this.parts.policy), logs: new Map() };
    this.channels.set(channel, fresh);
    return fresh;
  }

  private forgeryLogOf(channel: string): () => void {
    const { clock, logger } = this.parts;
    const watched = this.of(channel);
    watched.forged ??= throttled(clock, LOG_INTERVAL_MS, (count) =>
      logger.warn({ channel, count }, 'an answer was not signed by the channel: it counts as none'),
    );
    return watched.forged;
  }

  /** A line at once, then at most one a minute, with the count since. */
  private logOf(channel: string, silence: Silence): () => void {
    const { logs } = this.of(channel);
    const known = logs.get(silence);
    if (known) return known;
    const { clock, logger } = this.parts;
    const log = throttled(clock, LOG_INTERVAL_MS, (count) =>
      logger.warn({ channel, silence, count }, `channel request failed: ${WHY[silence]}`),
    );
    logs.set(silence, log);
    return log;
  }
}
