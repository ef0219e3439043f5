import {
  type ActivationState,
  type Changed,
  VALID_MS,
  MINUTE_MS,
  type InsuranceAnswer,
  type Opening,
  later,
  waits,
  works,
  ended,
} from './activation-state';

const INSURANCE_RETRY_MS = [5_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS];
const OPENING_RETRY_MS = [2_000, 10_000, MINUTE_MS, 10 * MINUTE_MS];

/** Tried again, with the reason, until its time is over; the reason is then why it is refused. */
const triedAgain = <State extends ActivationState>(
  state: State,
  { at, reason, delaysMs }: { at: Date; reason: string; delaysMs: readonly number[] },
): Changed<State> => {
  if (at.getTime() - state.changedAt.getTime() >= VALID_MS)
    return ended(state, 'refused', at, reason);
  const delayMs = delaysMs[Math.min(state.retries, delaysMs.length - 1)]!;
  return { ...state, reason, retries: state.retries + 1, nextAttemptAt: later(at, delayMs) };
};

/** What the bureau says. A silence is asked again; a window may go on without it. */
export const insuranceAnswered = <State extends ActivationState>(
  state: State,
  answer: InsuranceAnswer,
  at: Date,
): Changed<State> => {
  if (state.status !== 'asking-insurance') return state;
  if (answer === 'insured') return waits({ ...state, insurance: answer }, 'awaiting-consents', at);
  if (answer === 'not-insured') return ended(state, 'refused', at, 'NOT_INSURED');
  if (answer === 'name-differs') return waits(state, 'at-window', at, 'NAME_DIFFERS');
  if (answer === 'unset') return waits(state, 'at-window', at, 'INSURANCE_UNSET');
  return triedAgain(state, { at, reason: 'INSURANCE_SILENT', delaysMs: INSURANCE_RETRY_MS });
};

/** The required consents are in force. */
export const consentsGiven = <State extends ActivationState>(
  state: State,
  at: Date,
): Changed<State> => (state.status === 'awaiting-consents' ? works(state, 'opening', at) : state);

/** What credit answered. What it refuses may become possible: it is asked again. */
export const openingAnswered = <State extends ActivationState>(
  state: State,
  answer: Opening,
  at: Date,
): Changed<State> => {
  if (state.status !== 'opening') return state;
  if ('lineFen' in answer) return ended({ ...state, lineFen: answer.lineFen }, 'done', at);
  return triedAgain(state, { at, reason: answer.refused, delaysMs: OPENING_RETRY_MS });
};
