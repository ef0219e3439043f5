import type { EventStore, NewEvent } from '@caretab/event-store';
import { inSpanAfter, isTraced } from '@caretab/telemetry';

const STREAM_PREFIX = 'visit-';

/**
 * The append, inside a span for each flow that has a fact in it: one append may write down what
 * several messages caused.
 */
const inSpans = <Result>(
  [flow, ...others]: readonly string[],
  visitId: string,
  append: () => Promise<Result>,
): Promise<Result> =>
  flow === undefined
    ? append()
    : inSpanAfter(
        flow,
        'append visit',
        {
          kind: 'client',
          service: 'visit-ledger',
          visitId,
          attributes: { 'db.operation.name': 'append' },
        },
        () => inSpans(others, visitId, append),
      );

/** Shows each append to the event store in the traces of what caused its facts. */
export const tracedAppends = (events: EventStore): Pick<EventStore, 'append' | 'readStream'> => ({
  append: (stream, facts: readonly NewEvent[], expected) => {
    const append = () => events.append(stream, facts, expected);
    if (!isTraced()) return append();
    return inSpans(
      [...new Set(facts.flatMap(({ metadata }) => metadata?.traceparent ?? []))],
      stream.slice(STREAM_PREFIX.length),
      append,
    );
  },
  readStream: (stream, options) => events.readStream(stream, options),
});
