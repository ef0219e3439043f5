import { createHash } from 'node:crypto';
import { type CredentialType, IdempotencyKey, visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Codes } from './codes';
import type { Forwarder } from './forwarder';
import type { Journal } from './journal';
import { full, partOf } from './refusal';
import type { Answer, Entry, Message, Sent, State } from './state';

export interface MessagesParts {
  readonly journal: Pick<Journal<Entry>, 'append'>;
  readonly state: State;
  readonly codes: Pick<Codes, 'opening'>;
  readonly forwarder: Forwarder;
  readonly institutionId: string;
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** So long a sender waits for the platform's own answer. */
  readonly waitMs: number;
  /** Whether the platform answered last: else no one waits for it. */
  readonly isThere: () => boolean;
  readonly now: () => number;
}

export interface Came {
  readonly path: string;
  readonly key: string | undefined;
  readonly prefer?: string | undefined;
  readonly body: unknown;
  /** Of what else the path names: after which others it goes out, and how long its sender waits. */
  readonly visit?: string | undefined;
  readonly waitMs?: number | undefined;
}

const KEY = new RegExp(IdempotencyKey.pattern!);
const OPENINGS: readonly string[] = ['/v1/visits', '/v1/unidentified-visits'];

/** Messages about visits: taken to disk, sent in the order of their visit, answered as the platform does. */
export class Messages {
  /** By id: those that are on their way to the disk. */
  private readonly underWay = new Map<string, Promise<void>>();
  private underWayBytes = 0;

  constructor(private readonly parts: MessagesParts) {}

  /**
   * Takes a message, and answers with what the platform said of it, or that it is kept. Throws
   * IDEMPOTENCY_KEY_MISSING (invalid), IDEMPOTENCY_KEY_REUSED (conflict), FRONT_NODE_FULL (unavailable)
   * and what codes throw: then nothing is kept.
   */
  async take({
    path,
    key,
    prefer,
    body,
    visit,
    waitMs,
  }: Came): Promise<Answer & { readonly isKept?: true }> {
    const { state, forwarder, isThere } = this.parts;
    if (key === undefined || !KEY.test(key))
      throw new DomainError('IDEMPOTENCY_KEY_MISSING', 'invalid', {
        field: 'Idempotency-Key',
        why: 'the header is missing or malformed',
        remedy: 'send 8 to 100 visible ASCII characters, a new key for each request',
      });
    const contentHash = hashOf(path, body);
    await this.underWay.get(key)?.catch(() => undefined);
    const known = state.messages.get(key);
    // What was refused may be sent again, corrected or not: then it is judged again.
    const isOver = known?.state === 'refused' || known?.state === 'discarded';
    if (known && !isOver && known.contentHash !== contentHash)
      throw new DomainError('IDEMPOTENCY_KEY_REUSED', 'conflict', {
        field: 'Idempotency-Key',
        why: 'another request had this key',
        remedy: 'send a new key for each request',
      });
    if (!known || isOver) await this.keep({ path, key, prefer, body, contentHash, visit });
    const ownWaitMs = waitMs ?? (isThere() ? this.parts.waitMs : 0);
    const message = await forwarder.outcome(key, ownWaitMs);
    // Who has it as the answer needs no notice.
    if (message.state === 'refused' && message.isNoticed !== true)
      await this.parts.journal.append({ type: 'noticed', key });
    if (message.answer) return message.answer;
    return { status: 202, isKept: true, body: { kept: true, key, state: message.state } };
  }

  /** What was refused, and its hospital has seen to: it takes no place any more. */
  async discard(key: string, why: string): Promise<Message> {
    const { state, journal, now } = this.parts;
    const message = state.messages.get(key);
    if (message?.state !== 'refused' && message?.state !== 'discarded')
      throw new DomainError('MESSAGE_NOT_REFUSED', 'not-found', {
        why: 'no message that was refused has this key',
        remedy: 'look at GET /front-node/messages?state=refused',
      });
    const at = new Date(now()).toISOString();
    if (message.state === 'refused') await journal.append({ type: 'discarded', key, at, why });
    return state.messages.get(key)!;
  }

  private async keep(came: Came & { key: string; contentHash: string }): Promise<void> {
    const { key } = came;
    if (this.underWay.has(key)) return this.underWay.get(key);
    const bytes = JSON.stringify(came.body ?? null).length;
    this.assertRoom(bytes);
    const keeping = this.sentOf(came).then(async (sent) => {
      await this.parts.journal.append({ type: 'taken', ...sent });
      this.parts.forwarder.add(sent);
    });
    this.underWay.set(key, keeping);
    this.underWayBytes += bytes;
    try {
      await keeping;
    } finally {
      this.underWay.delete(key);
      this.underWayBytes -= bytes;
    }
  }

  private async sentOf({
    path,
    key,
    prefer,
    body,
    contentHash,
    visit: named,
  }: Came & { readonly key: string; readonly contentHash: string }): Promise<Sent> {
    const { institutionId, codes, now } = this.parts;
    const visitNumber = (body as { readonly visitNumber?: unknown } | null)?.visitNumber;
    const opensOne = OPENINGS.includes(path);
    const visit =
      named ??
      (opensOne
        ? visitIdOf(institutionId, plain(String(visitNumber)))
        : plain(partOf(path.split('/')[3] ?? '')));
    const sent = { key, visit, path, prefer, contentHash, at: new Date(now()).toISOString() };
    const credential = opensOne ? credentialIn(body) : undefined;
    if (!credential || typeof visitNumber !== 'string') return { ...sent, body };
    const { readAt, personId } = await codes.opening(credential, visitNumber, key);
    const { credential: _, ...rest } = body as { readonly credential: unknown };
    if (personId !== undefined) return { ...sent, body: { ...rest, personId } };
    const shown = readAt === undefined ? credential : { ...credential, readAt };
    return { ...sent, body: { ...rest, credential: shown } };
  }

  private assertRoom(bytes: number): void {
    const { state, messagesMax, bytesMax } = this.parts;
    const { waiting, refused } = state.counts;
    if (waiting + refused + this.underWay.size >= messagesMax)
      throw full(`${waiting} messages wait and ${refused} were refused, of ${messagesMax}`);
    const held = state.heldBytes + this.underWayBytes;
    if (held + bytes > bytesMax) throw full(`what is kept has ${held} bytes, of ${bytesMax}`);
  }
}

/** A GUID is the same with its braces and without, as at the platform. */
const plain = (visit: string): string => visit.replace(/[{}]/g, '');

const hashOf = (path: string, body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([path, body]))
    .digest('hex');

const credentialIn = (
  body: unknown,
): { readonly type: CredentialType; readonly value: string } | undefined => {
  const { credential } = (body ?? {}) as { readonly credential?: unknown };
  const { type, value } = (credential ?? {}) as { readonly type?: unknown; value?: unknown };
  if (typeof type !== 'string' || typeof value !== 'string') return undefined;
  return credential as { readonly type: CredentialType; readonly value: string };
};
