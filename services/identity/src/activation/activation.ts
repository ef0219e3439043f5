import type { Activation, ActivationStatus } from '@caretab/contracts';
import { DomainError, type ErrorCode } from '@caretab/kernel';

/** What the registry says of the number that was offered. */
export type RegistryAnswer = 'same' | 'differs' | 'unknown';
/** What became of an SMS; `none`: the operator has no provider. */
export type CodeOutcome = 'sent' | 'not-sent' | 'refused' | 'none';

/** What is known of one activation. Each person has one under way. */
export interface ActivationState {
  readonly purpose: Activation['purpose'];
  readonly status: ActivationStatus;
  readonly reason: string | null;
  /** Which number it is about: the first, second … */
  readonly attempt: number;
  /** The number that was offered, sealed with its person's key; null once it is not needed. */
  readonly sealedMobile: Buffer | null;
  /** The question to the registry; the pushed answer names it. */
  readonly requestId: string;
  readonly registry: RegistryAnswer | null;
  /** Times that the question did not reach the registry, or the code its provider. */
  readonly retries: number;
  readonly codeHash: string | null;
  readonly codeEndsAt: Date | null;
  /** Of this number. */
  readonly codesSent: number;
  /** Wrong ones, of this code. */
  readonly codeTries: number;
  readonly provenAt: Date | null;
  /** Who saw the ID card at a window, and who approved it. */
  readonly seenBy: string | null;
  readonly approvedBy: string | null;
  readonly changedAt: Date;
  readonly endedAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Numbers that may be offered before staff must look at it: else it would report whose is whose. */
export const ATTEMPTS_MAX = 3;
export const CODE_VALID_MS = 5 * MINUTE_MS;
/** A further code of the same number is sent no sooner. */
export const CODE_PAUSE_MS = MINUTE_MS;
/** 15 tries of a million: a guess succeeds once in 66,666 activations. */
export const CODES_MAX = 3;
export const CODE_TRIES_MAX = 5;
/** Who does not go on with it begins again. */
export const VALID_MS = 7 * DAY_MS;

export const ENDED: readonly ActivationStatus[] = ['done', 'expired'];
export const UNDER_WAY: readonly ActivationStatus[] = [
  'asking-registry',
  'awaiting-registry',
  'awaiting-number',
  'sending-code',
  'awaiting-code',
  'at-window',
];

type Changed<State> = State & ActivationState;

const moved = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  { at, dueAt, reason = null }: { at: Date; dueAt: Date | null; reason?: string | null },
): Changed<State> => ({ ...state, status, reason, changedAt: at, nextAttemptAt: dueAt });

const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** Waits for someone; who does not come in time begins again. */
const waits = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  at: Date,
  reason?: ErrorCode | string,
): Changed<State> =>
  moved(state, status, { at, dueAt: later(at, VALID_MS), reason: reason ?? null });

/** The work on it is due at once. */
const works = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  at: Date,
): Changed<State> => moved({ ...state, retries: 0 }, status, { at, dueAt: at });

const ended = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  at: Date,
  reason?: string,
): Changed<State> =>
  moved({ ...state, sealedMobile: null, codeHash: null, codeEndsAt: null, endedAt: at }, status, {
    at,
    dueAt: null,
    reason: reason ?? null,
  });

/** Another number, or the same checked again: nothing that was found out of the former holds. */
const offered = <State extends ActivationState>(
  state: State,
  { sealedMobile, requestId, at }: { sealedMobile: Buffer; requestId: string; at: Date },
): Changed<State> =>
  works(
    {
      ...state,
      ...{ sealedMobile, requestId, attempt: state.attempt + 1, registry: null },
      ...{ codeHash: null, codeEndsAt: null, codesSent: 0, codeTries: 0 },
      ...{ seenBy: null, approvedBy: null },
    },
    'asking-registry',
    at,
  );

/**
 * Asked again: goes on. The same number has a further code sent, where it was confirmed; another one,
 * or one that the registry did not confirm, is checked. Beyond three numbers only staff go on.
 */
export const askedAgain = <State extends ActivationState>(
  state: State,
  given: {
    readonly isSame: boolean;
    readonly isStaff: boolean;
    readonly sealedMobile: Buffer;
    readonly requestId: string;
    readonly at: Date;
  },
): Changed<State> => {
  const { at, isSame, isStaff } = given;
  const { status } = state;
  if (isSame && status === 'awaiting-code') return askedForCode(state, at);
  if (isSame && status !== 'awaiting-number' && !(isStaff && status === 'at-window')) return state;
  if (isStaff) return offered(state, given);
  if (status === 'at-window') return state;
  return state.attempt < ATTEMPTS_MAX
    ? offered(state, given)
    : waits(state, 'at-window', at, 'NUMBERS_TOO_MANY');
};

const askedForCode = <State extends ActivationState>(state: State, at: Date): Changed<State> => {
  if (at.getTime() - state.changedAt.getTime() < CODE_PAUSE_MS) return state;
  return state.codesSent < CODES_MAX
    ? works(state, 'sending-code', at)
    : waits(state, 'at-window', at, 'CODES_TOO_MANY');
};

/** The registry has the question, and will push its answer back; until when it is waited for. */
export const registryTook = <State extends ActivationState>(
  state: State,
  at: Date,
  waitMs: number,
): Changed<State> => moved(state, 'awaiting-registry', { at, dueAt: later(at, waitMs) });

/** It was not reached, or is not there; a window goes on without it. */
export const registrySilent = <State extends ActivationState>(
  state: State,
  at: Date,
  reason: 'REGISTRY_SILENT' | 'REGISTRY_UNSET',
): Changed<State> => waits(state, 'at-window', at, reason);

/** Whether an answer may still come in, also after it was given up. */
export const awaitsRegistry = ({ status, reason, registry }: ActivationState): boolean =>
  status === 'asking-registry' ||
  status === 'awaiting-registry' ||
  (status === 'at-window' && reason === 'REGISTRY_SILENT' && registry === null);

/**
 * The pushed answer. The first one stands: the same again changes nothing. Throws ANSWER_CONFLICT
 * (conflict) for another.
 */
export const registryAnswered = <State extends ActivationState>(
  state: State,
  answer: RegistryAnswer,
  at: Date,
): Changed<State> => {
  if (state.registry !== null && state.registry !== answer)
    throw new DomainError('ANSWER_CONFLICT', 'conflict');
  if (state.registry === answer || !awaitsRegistry(state)) return state;
  const known = { ...state, registry: answer };
  if (answer === 'same') return works(known, 'sending-code', at);
  if (answer === 'unknown') return waits(known, 'at-window', at, 'MOBILE_NOT_REGISTERED');
  return waits(known, 'awaiting-number', at, 'MOBILE_DIFFERS');
};

/** The code that is sent now, before it is sent: its hash, and from when on it counts. */
export const codeMade = <State extends ActivationState>(
  state: State,
  codeHash: string,
  at: Date,
): Changed<State> => ({
  ...state,
  ...{ codeHash, codeEndsAt: later(at, CODE_VALID_MS), codeTries: 0 },
});

const CODE_RETRY_MS = 15_000;

export const codeSent = <State extends ActivationState>(
  state: State,
  outcome: CodeOutcome,
  at: Date,
): Changed<State> => {
  if (state.status !== 'sending-code') return state;
  const isOut = { ...state, codesSent: state.codesSent + 1 };
  if (outcome === 'sent') return waits(isOut, 'awaiting-code', at);
  if (outcome === 'refused') return waits(state, 'awaiting-number', at, 'NUMBER_REFUSED');
  if (outcome === 'none') return waits(state, 'at-window', at, 'SMS_UNSET');
  return { ...state, retries: state.retries + 1, nextAttemptAt: later(at, CODE_RETRY_MS) };
};

/**
 * The code that came back; `isRight` compares hashes. Throws CODE_NOT_AWAITED, where none is awaited or
 * it has expired.
 */
export const codeGiven = <State extends ActivationState>(
  state: State,
  isRight: boolean,
  at: Date,
): Changed<State> => {
  const { status, codeHash, codeEndsAt, codeTries } = state;
  const isAwaited = status === 'awaiting-code' || status === 'sending-code';
  if (!isAwaited || codeHash === null || codeEndsAt! <= at)
    throw new DomainError('CODE_NOT_AWAITED', 'conflict', {
      remedy: 'ask again with the same number for a further code',
    });
  if (isRight) return ended({ ...state, provenAt: at }, 'done', at);
  const tries = { ...state, codeTries: codeTries + 1 };
  return tries.codeTries < CODE_TRIES_MAX ? tries : { ...tries, codeHash: null, codeEndsAt: null };
};

/**
 * Two persons saw the ID card at a window: the number counts as confirmed, and a code is sent to it.
 * Throws ACTIVATION_MOVED_ON (conflict) where another number is offered since, or none is needed.
 */
export const seenAtWindow = <State extends ActivationState>(
  state: State,
  seen: { readonly attempt: number; readonly seenBy: string; readonly approvedBy: string },
  at: Date,
): Changed<State> => {
  if (ENDED.includes(state.status) || state.attempt !== seen.attempt)
    throw new DomainError('ACTIVATION_MOVED_ON', 'conflict');
  const { seenBy, approvedBy } = seen;
  return works({ ...state, seenBy, approvedBy, codesSent: 0 }, 'sending-code', at);
};

/** Its time is over: of a question the registry's, else that of the whole. */
export const elapsed = <State extends ActivationState>(state: State, at: Date): Changed<State> =>
  state.status === 'awaiting-registry'
    ? registrySilent(state, at, 'REGISTRY_SILENT')
    : ended(state, 'expired', at, state.reason ?? undefined);

/** Whether something is to be done for it, where its time comes. */
export const isWork = ({ status }: Pick<ActivationState, 'status'>): boolean =>
  status === 'asking-registry' || status === 'sending-code';
