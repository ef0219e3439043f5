import type { Activation, ActivationStatus } from '@caretab/contracts';

/** What the registry says of the number that was offered. */
export type RegistryAnswer = 'same' | 'differs' | 'unknown';
/** What became of an SMS; `none`: the operator has no provider. */
export type CodeOutcome = 'sent' | 'not-sent' | 'refused' | 'none';

/** What the bureau says of the person, or the silence. */
export type InsuranceAnswer = 'insured' | 'not-insured' | 'name-differs' | 'no-answer' | 'unset';
/** The line that credit opened, or why it opened none. */
export type Opening = { readonly lineFen: number } | { readonly refused: string };

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
  /** `seen`: at a window. */
  readonly insurance: 'insured' | 'seen' | null;
  readonly lineFen: number | null;
  readonly changedAt: Date;
  readonly endedAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

export const MINUTE_MS = 60_000;
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

export const ENDED: readonly ActivationStatus[] = ['done', 'refused', 'expired'];
export const UNDER_WAY: readonly ActivationStatus[] = [
  'asking-registry',
  'awaiting-registry',
  'awaiting-number',
  'sending-code',
  'awaiting-code',
  'asking-insurance',
  'awaiting-consents',
  'opening',
  'at-window',
];

export type Changed<State> = State & ActivationState;

export const moved = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  { at, dueAt, reason = null }: { at: Date; dueAt: Date | null; reason?: string | null },
): Changed<State> => ({ ...state, status, reason, changedAt: at, nextAttemptAt: dueAt });

export const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** Waits for someone; who does not come in time begins again. */
export const waits = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  at: Date,
  reason?: string,
): Changed<State> =>
  moved(state, status, { at, dueAt: later(at, VALID_MS), reason: reason ?? null });

/** The work on it is due at once. */
export const works = <State extends ActivationState>(
  state: State,
  status: ActivationStatus,
  at: Date,
): Changed<State> => moved({ ...state, retries: 0 }, status, { at, dueAt: at });

export const ended = <State extends ActivationState>(
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

export const WORK: readonly ActivationStatus[] = [
  'asking-registry',
  'sending-code',
  'asking-insurance',
  'opening',
];

/** Whether something is to be done for it, where its time comes. */
export const isWork = ({ status }: Pick<ActivationState, 'status'>): boolean =>
  WORK.includes(status);
