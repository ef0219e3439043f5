import { type Attributes, SpanStatusCode, type Span } from '@opentelemetry/api';
import type { tracing } from '@opentelemetry/sdk-node';
import { VISIT } from './flow';
import { frames, maskText } from './redaction';

/** Attributes that hold an address, under the old and the new conventions. */
const ADDRESSES = ['http.url', 'http.target', 'url.full', 'url.path'];

/** An address without its query and its credentials. */
const withoutQuery = (address: string): string =>
  address.replace(/[?#].*$/s, '').replace(/^(\w+:\/\/)[^/@]*@/, '$1');

type EndingSpan = Span & Pick<tracing.ReadableSpan, 'attributes' | 'events' | 'status'>;

/**
 * Takes out of every span, before it is exported, what callers may have put into addresses and
 * error messages.
 */
export class SpanPrivacy implements tracing.SpanProcessor {
  onStart(): void {}
  onEnd(): void {}

  onEnding(span: unknown): void {
    const ending = span as EndingSpan;
    for (const key of ADDRESSES) {
      const address = ending.attributes[key];
      if (typeof address === 'string') ending.setAttribute(key, maskText(withoutQuery(address)));
    }
    // A hospital gives its visits their numbers; one that takes ID numbers for them must not put
    // these here.
    const visitId = String(ending.attributes[VISIT] ?? '');
    if (maskText(visitId) !== visitId) ending.setAttribute(VISIT, maskText(visitId));
    if (ending.attributes['url.query'] !== undefined) ending.setAttribute('url.query', '');
    for (const event of ending.events) if (event.attributes) hideMessage(event.attributes);
    // The status repeats the exception's message; the exception's type says enough.
    if (ending.status.code === SpanStatusCode.ERROR)
      (ending.status as { message?: string }).message = '';
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

const hideMessage = (attributes: Attributes): void => {
  delete attributes['exception.message'];
  const stack = attributes['exception.stacktrace'];
  if (typeof stack === 'string') attributes['exception.stacktrace'] = frames(stack);
};
