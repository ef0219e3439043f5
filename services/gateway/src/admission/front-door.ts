import type { IncomingMessage, ServerResponse } from 'node:http';
import { institutionOf } from '../api/institution.guard';
import type { Readers } from '../api/reader.guard';
import type { Partners } from '../intake/partners';
import type { Admission, Leave } from './admission';
import type { Congestion } from './congestion';

export interface FrontDoorParts {
  readonly partners: Partners;
  readonly readers: Readers;
  readonly congestion: Congestion;
  /** What changes something. */
  readonly submissions: Admission;
  /** What only asks; a crowd at one counter does not close the other. */
  readonly questions: Admission;
  /** Citizens' answers, of senders without a key: few at a time, in a room of their own. */
  readonly agreements: Admission;
  /** For a turn. */
  readonly waitMs: number;
}

/**
 * Hospitals' requests over HTTP, before their bodies are read: a request that is sent away costs
 * next to nothing, and one that waits keeps its body with its sender. Health, metrics and
 * operators' routes pass.
 */
export class FrontDoor {
  constructor(private readonly parts: FrontDoorParts) {}

  /**
   * Undefined for what is not a hospital's. Resolves when the request may be worked on; its place
   * is free again when its answer is out or its sender gone. Throws OVERLOADED, or 401 without a
   * known key.
   */
  enter(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    return request.url?.startsWith('/v1/') ? this.admit(request, response) : undefined;
  }

  private async admit(
    { method, url = '', headers: { authorization } }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { congestion, submissions, questions, agreements, partners, readers } = this.parts;
    const isAgreement = /^\/v1\/agreements(?:\?|$)/.test(url);
    const isQuestion = method === 'GET' || url.startsWith('/v1/persons/');
    if (!isQuestion && !isAgreement) congestion.check();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const enter = (room: Admission, who: string): Promise<Leave> =>
      room.enter(who, this.parts.waitMs, gone.signal);
    const leave = await (isAgreement
      ? enter(agreements, 'citizens')
      : isQuestion
        ? enter(questions, await readers.whoAsks(authorization))
        : enter(submissions, await institutionOf(partners, authorization)));
    if (gone.signal.aborted) leave();
    else gone.signal.addEventListener('abort', leave, { once: true });
  }
}
