import type { Submission } from './visit-events';
import { REMEDIES } from './remedies';

type Kind = Submission['kind'];

const RETURN_AND_CHARGE_ANEW =
  'Nothing of a closed or cancelled visit changes. Where it matters, return its charges and charge ' +
  'them to another visit.';

/** What to do where it is not the same for every report. */
const BY_KIND: Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>> = {
  VisitUpdated: {
    VISIT_NOT_OPEN: RETURN_AND_CHARGE_ANEW,
    VISIT_CLASS_FIXED: RETURN_AND_CHARGE_ANEW,
  },
  VisitEnded: {
    VISIT_NOT_OPEN:
      'The visit is closed or cancelled, and its end stays as it is. Return charges that are wrong; ' +
      'open another visit for care that was given later.',
  },
  VisitReopened: {
    VISIT_NOT_OPEN:
      'A visit that is closed or cancelled stays so. Open another, with a number of its own, for ' +
      'what is still to come.',
  },
  VisitWithdrawn: {
    VISIT_NOT_OPEN:
      'The visit is closed, or its grace time is over. Return each charge of it: then nothing of it ' +
      'is owed.',
  },
  ChargePosted: {
    CHARGE_CONFLICT:
      'Nothing was changed. Return the first charge, and send this one under another id.',
    FIELD_INVALID: 'The quantity of the charge is zero. Send the charge again with what was given.',
    VISIT_UNKNOWN: "Check the visit number; send the visit's opening, then the charge again.",
  },
};

const TOO_MANY_WAIT =
  'Too many reports of the visit wait. Send its opening and its charges, then the report again.';

/** What a hospital does about a report of its kind that was rejected for `reason`. */
export const remedyFor = (kind: Kind, reason: string): string => {
  const own = BY_KIND[kind]?.[reason];
  if (own !== undefined) return own;
  if (reason === 'VISIT_FULL' && kind !== 'ChargePosted') return TOO_MANY_WAIT;
  return REMEDIES[reason] ?? 'Correct the report, and send it again under an id of its own.';
};
