import type { IncomingMessage, ServerResponse } from 'node:http';
import { institutionOf } from '../api/institution.guard';
import type { Readers } from '../api/reader.guard';
import type { Partners } from '../intake/partners';
import type { Admission } from './admission';
import type { Congestion } from './congestion';

export interface FrontDoorParts {
  readonly partners: Partners;
  readonly readers: Readers;
  readonly congestion: Congestion;
  /** What changes something. */
  readonly submissions: Admission;
  /** What only asks; a crowd at one counter does not close the other. */
  readonly questions: Admission;
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
    const { congestion, submissions, questions, partners, readers, waitMs } = this.parts;
    const isQuestion = method === 'GET' || url.startsWith('/v1/persons/');
    if (!isQuestion) congestion.check();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const who = isQuestion
      ? await readers.whoAsks(authorization)
      : await institutionOf(partners, authorization);
    const leave = await (isQuestion ? questions : submissions).enter(who, waitMs, gone.signal);
    if (gone.signal.aborted) leave();
    else gone.signal.addEventListener('abort', leave, { once: true });
  }
}
