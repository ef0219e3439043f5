import { DomainError, type Timers } from '@caretab/kernel';
import type { Enrolled, Enrolments } from './enrolments';

const EVERY_MS = 50;
/** Refusals that a message still on its way may turn into consent: the person, or the guardian, was registered just now. */
const MAY_PASS = new Set(['PERSON_UNKNOWN', 'GUARDIAN_NEEDED']);

/** Opens the service, giving what identity just published up to `waitMaxMs` to arrive. Throws as `Enrolments.open`. */
export const openWhenKnown = async (enrolments: Enrolments, personId: string, { timers, waitMaxMs }: { readonly timers: Timers; readonly waitMaxMs: number }): Promise<Enrolled> => {
  for (let waitedMs = 0; ; waitedMs += EVERY_MS) {
    try {
      return await enrolments.open(personId);
    } catch (error) {
      if (!(error instanceof DomainError) || !MAY_PASS.has(error.code) || waitedMs >= waitMaxMs) throw error;
      await timers.sleep(EVERY_MS);
    }
  }
};
