import { createHmac } from 'node:crypto';
import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import type { SharedData } from './registries';

const ANSWER_BYTES_MAX = 4_096;
const ANSWERS = ['insured', 'not-insured', 'name-differs'] as const;
type Answer = (typeof ANSWERS)[number] | 'no-answer';

/**
 * The bureau's shared data over HTTP: `POST <url>/insured`, signed over `at.idNumber.name`. What is
 * late, cut off, too long or not one of its answers is none.
 */
export class SharedDataGateway implements SharedData {
  constructor(
    private readonly options: {
      readonly url: string;
      /** HMAC-SHA256 in hex. */
      readonly secret: string;
      readonly timeoutMs: number;
      readonly clock: Clock;
      readonly fetch: typeof globalThis.fetch;
    },
  ) {}

  async insured({ idNumber, name }: Parameters<SharedData['insured']>[0]): Promise<Answer> {
    const { url, secret, timeoutMs, clock, fetch } = this.options;
    const at = clock.now().toISOString();
    const signature = createHmac('sha256', secret)
      .update(`${at}.${idNumber}.${name}`)
      .digest('hex');
    try {
      const response = await inSpan('shared data', { kind: 'client' }, () =>
        fetch(`${url}/insured`, {
          method: 'POST',
          body: JSON.stringify({ idNumber, name, at, signature }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { 'content-type': 'application/json' },
        }),
      );
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      if (!response.ok) return 'no-answer';
      const { answer } = JSON.parse(text) as { readonly answer?: unknown };
      return ANSWERS.find((one) => one === answer) ?? 'no-answer';
    } catch {
      return 'no-answer';
    }
  }
}
