import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Callers, hasCredential } from '@caretab/host';
import { DomainError, OVER } from '@caretab/kernel';
import type { Admission, Leave } from './admission';
import type { Congestion } from './congestion';

export interface FrontDoorParts {
  readonly callers: Callers;
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

  private async admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    const { congestion, submissions, questions, agreements } = this.parts;
    const isAgreement = /^\/v1\/agreements(?:\?|$)/.test(url);
    const isQuestion = method === 'GET' || url.startsWith('/v1/persons/');
    if (!isQuestion && !isAgreement) congestion.check();
    let isGone = false;
    let waiting: AbortController | undefined;
    let atItsEnd: () => void = () => waiting?.abort(OVER);
    response.once('close', () => {
      isGone = true;
      atItsEnd();
    });
    const gone = (): AbortSignal => {
      waiting = new AbortController();
      if (isGone) waiting.abort(OVER);
      return waiting.signal;
    };
    const enter = (room: Admission, who: string): Promise<Leave> =>
      room.enter(who, this.parts.waitMs, gone);
    const leave = await (isAgreement
      ? enter(agreements, 'citizens')
      : enter(isQuestion ? questions : submissions, await this.senderOf(request, isQuestion)));
    if (isGone) leave();
    else atItsEnd = leave;
  }

  /** Whose share of the places a request takes: an institution's over every door, or the sender's own. */
  private async senderOf(request: IncomingMessage, isQuestion: boolean): Promise<string> {
    const subject = await this.parts.callers.subjectOf(request);
    // Nothing is submitted without a credential: its body is not read either.
    if (!subject || (!isQuestion && !hasCredential(request)))
      throw new DomainError('UNAUTHENTICATED', 'unauthenticated');
    return subject.roles[0]?.institution ?? subject.id;
  }
}
