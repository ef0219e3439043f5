import { DomainError } from '@caretab/kernel';
import {
  type ActivationState,
  type Changed,
  ATTEMPTS_MAX,
  CODE_VALID_MS,
  CODE_PAUSE_MS,
  CODES_MAX,
  CODE_TRIES_MAX,
  ENDED,
  type RegistryAnswer,
  type CodeOutcome,
  moved,
  later,
  waits,
  works,
  ended,
} from './activation-state';

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
    /** By the citizen's own token, or the guardian's. */
    readonly isOwn: boolean;
    readonly sealedMobile: Buffer;
    readonly requestId: string;
    readonly at: Date;
  },
): Changed<State> => {
  const { at, isSame, isStaff } = given;
  const { status } = state;
  // The number is proven: the rest goes on by itself, by consents or at a window.
  if (state.provenAt) return given.isStaff || given.isOwn ? state : provenAnew(state, given);
  if (isSame && status === 'awaiting-code') return askedForCode(state, at);
  if (isSame && status !== 'awaiting-number' && !(isStaff && status === 'at-window')) return state;
  if (isStaff) return offered(state, given);
  if (status === 'at-window') return state;
  return state.attempt < ATTEMPTS_MAX
    ? offered(state, given)
    : waits(state, 'at-window', at, 'NUMBERS_TOO_MANY');
};

/**
 * Who stands at a kiosk now may be another than who proved the number: a name and an ID number are no
 * secret. So the code is asked for again before anything is agreed to.
 */
const provenAnew = <State extends ActivationState>(
  state: State,
  given: Parameters<typeof offered>[1] & { readonly isSame: boolean },
): Changed<State> => {
  if (state.status === 'opening') return state;
  const { at, sealedMobile, isSame } = given;
  const unproven = { ...state, provenAt: null };
  const [count, max] = isSame ? [state.codesSent, CODES_MAX] : [state.attempt, ATTEMPTS_MAX];
  if (count >= max)
    return waits(unproven, 'at-window', at, isSame ? 'CODES_TOO_MANY' : 'NUMBERS_TOO_MANY');
  return isSame
    ? works({ ...unproven, sealedMobile }, 'sending-code', at)
    : offered(unproven, given);
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
  if (isRight) return proven(state, at);
  const tries = { ...state, codeTries: codeTries + 1 };
  return tries.codeTries < CODE_TRIES_MAX ? tries : { ...tries, codeHash: null, codeEndsAt: null };
};

/** Whose number it is, is certain: of the service the rest follows. */
const proven = <State extends ActivationState>(state: State, at: Date): Changed<State> => {
  const known = {
    ...{ ...state, provenAt: at, sealedMobile: null },
    ...{ codeHash: null, codeEndsAt: null, codesSent: 0 },
  };
  if (state.purpose === 'mobile') return ended(known, 'done', at);
  return state.insurance === null
    ? works(known, 'asking-insurance', at)
    : waits(known, 'awaiting-consents', at);
};

/**
 * What two persons saw at a window: the ID card, so that the number counts as confirmed and a code is
 * sent to it; or that the person is insured. Throws ACTIVATION_MOVED_ON (conflict) where another number
 * is offered since, or it is not what is asked for.
 */
export const seenAtWindow = <State extends ActivationState>(
  state: State,
  seen: {
    readonly attempt: number;
    readonly saw: 'id-card' | 'insurance';
    readonly seenBy: string;
    readonly approvedBy: string;
  },
  at: Date,
): Changed<State> => {
  const awaited = state.provenAt === null ? 'id-card' : 'insurance';
  const isPast =
    ENDED.includes(state.status) || (awaited === 'insurance' && state.insurance !== null);
  if (isPast || state.attempt !== seen.attempt || seen.saw !== awaited)
    throw new DomainError('ACTIVATION_MOVED_ON', 'conflict');
  const { seenBy, approvedBy } = seen;
  if (awaited === 'insurance')
    return waits({ ...state, insurance: 'seen', seenBy, approvedBy }, 'awaiting-consents', at);
  return works({ ...state, seenBy, approvedBy, codesSent: 0 }, 'sending-code', at);
};

/** Its time is over: of a question the registry's, else that of the whole. */
export const elapsed = <State extends ActivationState>(state: State, at: Date): Changed<State> =>
  state.status === 'awaiting-registry'
    ? registrySilent(state, at, 'REGISTRY_SILENT')
    : ended(state, 'expired', at, state.reason ?? undefined);
