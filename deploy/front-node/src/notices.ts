import { createHmac } from 'node:crypto';
import type { Journal } from './journal';
import { problemCodeOf } from './refusal';
import type { Entry, Message, State } from './state';

const TIMEOUT_MS = 5_000;
const AT_ONCE = 50;

/** Sends the hospital's own system what was refused after it was kept, until it is taken. */
export class Notices {
  constructor(
    private readonly parts: {
      readonly url: string | undefined;
      /** Signs what is sent: HMAC-SHA256 in hex, in `front-node-signature`. */
      readonly key: string;
      readonly state: State;
      readonly journal: Pick<Journal<Entry>, 'append'>;
    },
  ) {}

  get waiting(): readonly Message[] {
    return [...this.parts.state.messages.values()].filter(
      ({ state, isNoticed }) => state === 'refused' && isNoticed !== true,
    );
  }

  /** Sends what waits, the first first. How many were taken. */
  async send(): Promise<number> {
    const { url, journal } = this.parts;
    if (url === undefined) return 0;
    let taken = 0;
    for (const message of this.waiting.slice(0, AT_ONCE)) {
      if (!(await this.isTaken(url, message))) return taken;
      await journal.append({ type: 'noticed', key: message.key });
      taken += 1;
    }
    return taken;
  }

  private async isTaken(url: string, { key, visit, path, answer }: Message): Promise<boolean> {
    const { status, body: problem } = answer!;
    const code = problemCodeOf(answer!);
    const body = JSON.stringify({
      type: 'MessageRefused',
      key,
      visit,
      path,
      status,
      code,
      problem,
    });
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'front-node-signature': createHmac('sha256', this.parts.key).update(body).digest('hex'),
        },
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}
