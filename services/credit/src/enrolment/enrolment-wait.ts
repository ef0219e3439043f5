import { DomainError, type Timers } from '@caretab/kernel';
import type { Enrolled, Enrolments } from './enrolments';

const PAUSE_FIRST_MS = 50;
/** Each poll is a transaction: a request for an unknown person must not cost a hundred of them. */
const PAUSE_MAX_MS = 800;
/**
 * Refusals that a message still on its way may turn into consent: the person, or the guardian, was
 * registered just now.
 */
const MAY_PASS = new Set(['PERSON_UNKNOWN', 'GUARDIAN_NEEDED']);

interface Opening {
  readonly personId: string;
  readonly openedBy: string;
  readonly consentRevision?: number | undefined;
}

/**
 * Opens the service, giving what identity just published up to `waitMaxMs` to arrive. Throws as
 * `Enrolments.open`.
 */
export const openWhenKnown = async (
  enrolments: Enrolments,
  { personId, openedBy, consentRevision }: Opening,
  { timers, waitMaxMs }: { readonly timers: Timers; readonly waitMaxMs: number },
): Promise<Enrolled> => {
  for (
    let waitedMs = 0, pauseMs = PAUSE_FIRST_MS;
    ;
    pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)
  ) {
    try {
      return await enrolments.open(personId, openedBy, consentRevision);
    } catch (error) {
      const leftMs = waitMaxMs - waitedMs;
      if (!(error instanceof DomainError) || !MAY_PASS.has(error.code) || leftMs <= 0) throw error;
      await timers.sleep(Math.min(pauseMs, leftMs));
      waitedMs += Math.min(pauseMs, leftMs);
    }
  }
};
