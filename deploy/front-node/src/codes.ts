import { createHash } from 'node:crypto';
import { type CredentialType, isIssued } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { isCodeSigned, readCode } from '@caretab/security';
import type { Journal } from './journal';
import type { Lists } from './lists';
import type { PlatformClient } from './platform';
import type { PlatformClock } from './platform-clock';
import { full, platformAway, problemCodeOf } from './refusal';
import type { Answer, Entry, KnownRead, State } from './state';

type Dynamic = Extract<ReturnType<typeof readCode>, { kind: 'dynamic' }>;

export interface Shown {
  readonly type: CredentialType;
  readonly value: string;
  readonly visitNumber?: string | undefined;
  readonly mobileEnd?: string | undefined;
}

export interface CodesParts {
  readonly journal: Pick<Journal<Entry>, 'append'>;
  readonly state: State;
  readonly lists: Pick<Lists, 'keys' | 'ages' | 'isRefused' | 'refreshKeys'>;
  readonly clock: Pick<PlatformClock, 'now'>;
  readonly platform: Pick<PlatformClient, 'ask' | 'standing'>;
}

/** What is measured of the platform's time may be off by so much. */
const CLOCK_MS = 5_000;
const CODE_MS = 60_000;
const PENDING_MAX = 20_000;
const TAKE_THE_CARD = 'take the ID card, or ask for a dynamic code';
const RESOLVE = '/v1/persons/resolve';
const CODE_PROBLEMS: readonly string[] = [
  ...['CODE_USED', 'CODE_EXPIRED', 'CARD_NOT_VALID', 'CARD_REPLACED', 'PERSON_UNKNOWN'],
];

const idOf = ({ nonce }: Dynamic): string => createHash('sha256').update(nonce).digest('hex');

/**
 * Reads and authenticates what citizens show. A dynamic code of the platform is verified here, with the
 * keys and the list that were fetched, and is good once at this node, also after a restart.
 */
export class Codes {
  /** Reads that are on their way to the disk. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly parts: CodesParts) {}

  /** Reads a code: asks the platform whose it is, and judges by itself where the platform is away. */
  async read(shown: Shown): Promise<Answer> {
    const code = shown.type === 'qr' ? readCode(shown.value.trim()) : undefined;
    if (code?.kind !== 'dynamic') return this.readOther(shown);
    const id = idOf(code);
    await this.take(code, { code: shown.value.trim(), visitNumber: shown.visitNumber });
    const read = this.parts.state.reads.get(id)!;
    if (read.state === 'pending') await this.ask(read);
    return this.answerOf(this.parts.state.reads.get(id)!);
  }

  /**
   * A code with which a visit is opened. The credential as the platform gets it: with the moment of
   * reading. Throws as `read` does.
   */
  async opening(
    credential: Omit<Shown, 'visitNumber'>,
    visitNumber: string,
    openedBy: string,
  ): Promise<{ readonly readAt?: string; readonly personId?: string }> {
    const { type, value } = credential;
    const code = type === 'qr' ? readCode(value.trim()) : undefined;
    if (code?.kind !== 'dynamic') {
      if (isIssued(type) && !this.parts.platform.standing.isThere)
        throw platformAway('its issuer decodes such a code, and cannot be asked: take the ID card');
      this.assertNotRefused(type, code?.cardNumber ?? value);
      return {};
    }
    const id = idOf(code);
    await this.take(code, { code: value.trim(), visitNumber, openedBy });
    const read = this.parts.state.reads.get(id)!;
    // Read before without its visit, and known: the platform takes the person who was shown to it.
    if (read.state === 'known' && read.visitNumber === undefined && read.personId !== undefined)
      return { personId: read.personId };
    return { readAt: read.readAt };
  }

  /** Synchronises with the platform what was read while it was away. How many it answered. */
  async synchronise(): Promise<number> {
    const { state } = this.parts;
    let answered = 0;
    for (const read of [...state.reads.values()]) {
      if (read.state !== 'pending') continue;
      if (read.openedBy !== undefined) {
        if (await this.settleByMessage(read, read.openedBy)) answered += 1;
      } else if (await this.ask(read)) answered += 1;
      else return answered;
    }
    return answered;
  }

  /** Codes that were verified here, and that the platform says were shown elsewhere too. */
  get usedElsewhere(): readonly KnownRead[] {
    return [...this.parts.state.reads.values()].filter(
      ({ state, answer }) =>
        state === 'refused' &&
        (answer?.body as { readonly code?: unknown } | null)?.code === 'CODE_USED',
    );
  }

  /** Takes a code that is good now, once. The same visit again is the same. */
  private async take(
    code: Dynamic,
    shown: {
      readonly code: string;
      readonly visitNumber?: string | undefined;
      readonly openedBy?: string;
    },
  ): Promise<void> {
    const { state, journal, clock } = this.parts;
    const id = idOf(code);
    await this.underWay.get(id)?.catch(() => undefined);
    const known = state.reads.get(id);
    if (known) return this.again(known, shown);
    if (this.underWay.has(id)) throw usedHere();
    if (state.counts.pendingReads >= PENDING_MAX)
      throw full(`${PENDING_MAX} codes wait until the platform can be asked`);
    const taking = this.assertGood(code).then(() =>
      journal.append({ type: 'read', id, readAt: clock.now().toISOString(), ...shown }),
    );
    this.underWay.set(id, taking);
    try {
      await taking;
    } finally {
      this.underWay.delete(id);
    }
  }

  private async again(
    known: KnownRead,
    { visitNumber, openedBy }: { readonly visitNumber?: string | undefined; openedBy?: string },
  ): Promise<void> {
    const isFirstOpening = openedBy !== undefined && known.openedBy === undefined;
    const isSame = known.visitNumber !== undefined && known.visitNumber === visitNumber;
    if (!isSame && !(isFirstOpening && known.visitNumber === undefined)) throw usedHere();
    if (known.state === 'refused') throw refusedBefore(known);
    // Resolved without a visit: the opening names its person in place of the code.
    if (known.state === 'known' && known.visitNumber === undefined) return;
    if (isFirstOpening && known.state === 'pending' && visitNumber !== undefined)
      await this.parts.journal.append({ type: 'read-for', id: known.id, visitNumber, openedBy });
  }

  private async assertGood(code: Dynamic): Promise<void> {
    const { lists, clock } = this.parts;
    if (!lists.keys.some(({ keyId }) => keyId === code.keyId)) await lists.refreshKeys();
    if (!isCodeSigned(code, lists.keys))
      throw new DomainError('CODE_NOT_VERIFIED', 'forbidden', {
        field: '/value',
        why: 'no key that this node has signed the code',
        remedy: TAKE_THE_CARD,
      });
    const leftMs = code.expiresAt.getTime() - clock.now().getTime();
    if (leftMs <= -CLOCK_MS || leftMs > CODE_MS + CLOCK_MS)
      throw new DomainError('CODE_EXPIRED', 'forbidden', {
        field: '/value',
        why:
          leftMs > 0
            ? 'the code is of the future: the clock of this node is wrong'
            : 'the code was good for a minute, which is over',
        remedy: 'ask the person for a new code',
      });
    this.assertNotRefused('qr', code.cardNumber);
  }

  private assertNotRefused(type: CredentialType, number: string): void {
    if (type !== 'qr' && type !== 'health-card') return;
    if (this.parts.lists.isRefused(type, number) === true)
      throw new DomainError('CARD_NOT_VALID', 'forbidden', {
        field: '/value',
        why: 'the card is on the black list: lost, frozen, replaced or closed',
        remedy: 'ask the person for another card, or take the ID card',
      });
  }

  /** Whether the platform answered. */
  private async ask({ id, code, visitNumber, readAt }: KnownRead): Promise<boolean> {
    const said = await this.parts.platform.ask({
      ...{ method: 'POST', path: RESOLVE },
      body: { type: 'qr', value: code, readAt, ...(visitNumber !== undefined && { visitNumber }) },
    });
    if (said.outcome !== 'answered') return false;
    const { status, body } = said;
    await this.ended(id, { status, body });
    return true;
  }

  private async settleByMessage(read: KnownRead, openedBy: string): Promise<boolean> {
    const message = this.parts.state.messages.get(openedBy);
    // It was cut off before the message was taken: the code is sent by itself.
    if (!message) return this.ask(read);
    if (message.state === 'waiting') return false;
    const { answer = { status: 404, body: null } } = message;
    const isOfCode = CODE_PROBLEMS.includes(problemCodeOf(answer) ?? '');
    // Refused for another reason, the visit may be opened by the same code again.
    await this.ended(read.id, isOfCode ? answer : { status: 200, body: null });
    return true;
  }

  private ended(id: string, { status, body }: Answer): Promise<void> {
    const { personId } = (body ?? {}) as { readonly personId?: string };
    const at = this.parts.clock.now().toISOString();
    return this.parts.journal.append(
      status < 300
        ? { type: 'read-known', id, personId }
        : { type: 'read-refused', id, at, status, body },
    );
  }

  private answerOf({ state, personId, readAt, answer }: KnownRead): Answer {
    if (state === 'refused') return answer!;
    const offline = state === 'pending';
    return {
      status: 200,
      body: {
        ...{ verified: true, offline, readAt },
        ...(personId !== undefined && { personId }),
        ...(offline && { ages: this.parts.lists.ages }),
      },
    };
  }

  /** What only the platform can judge; a number is held against the list where it is away. */
  private async readOther({ type, value, ...said }: Shown): Promise<Answer> {
    const number = (type === 'qr' ? readCode(value.trim())?.cardNumber : undefined) ?? value;
    this.assertNotRefused(type, number);
    const body = { type, value, ...said };
    const answered = await this.parts.platform.ask({ method: 'POST', path: RESOLVE, body });
    if (answered.outcome === 'answered' && answered.status === 200)
      return {
        status: 200,
        body: { verified: true, offline: false, ...(answered.body as object) },
      };
    if (answered.outcome !== 'away') return { status: answered.status, body: answered.body };
    if (type !== 'health-card') throw platformAway(TAKE_THE_CARD);
    const { ages } = this.parts.lists;
    return { status: 200, body: { verified: false, offline: true, listed: 'not-refused', ages } };
  }
}

const usedHere = (): DomainError =>
  new DomainError('CODE_USED', 'forbidden', {
    field: '/value',
    why: 'the code was shown at this node before',
    remedy: 'ask the person for a new code, or take the ID card',
  });

const refusedBefore = ({ answer }: KnownRead): DomainError => {
  const { details } = (answer?.body ?? {}) as { readonly details?: readonly object[] };
  return new DomainError('CODE_USED', 'forbidden', {
    field: '/value',
    why: 'the platform refused the code when this node asked it',
    remedy: 'ask the person for a new code, or take the ID card',
    ...details?.[0],
  });
};
