import { type Static, Type } from '@sinclair/typebox';
import { ChargeId, Code, Id, Instant, VisitId } from '../schemas';
import { SubmissionKind } from '../visit-ledger';
import { closed, Moment, oneOf, orNull } from './shapes';

/** What became of a report. The first two are not the end of it. */
export const Fate = oneOf('accepted', 'waiting', 'applied', 'deferred', 'not-deferred', 'rejected');
export type Fate = Static<typeof Fate>;

/** Which of a hospital's own submissions; all that is named must fit. */
export const submissionRange = {
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
  visit: Type.Optional(
    Type.String({
      pattern: '^([A-Z0-9]{2,20}-)?[A-Za-z0-9._/-]{1,40}$',
      description: "The hospital's own visit number, or the visitId",
    }),
  ),
  fate: Type.Optional(Fate),
  kind: Type.Optional(SubmissionKind),
  after: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z/.{1,120}$',
      description: '`next` of the page before',
    }),
  ),
};

export const SubmissionPage = closed({
  submissions: Type.Array(
    closed({
      submissionId: Id,
      messageId: orNull(
        Type.String({
          description:
            "The hospital's own message: hl7/… with its control id, http/… with its key, or bus/… " +
            'with its ce_id; null for what was accepted before it was kept',
        }),
      ),
      kind: orNull(SubmissionKind),
      visitId: orNull(VisitId),
      chargeId: orNull(ChargeId),
      acceptedAt: Moment,
      fate: Fate,
      reason: orNull(Code),
      remedy: orNull(Type.String()),
      decidedAt: orNull(Moment),
    }),
    {
      description:
        'Oldest first, at most 100. What came on the topic of the hospital and was refused is among ' +
        'them; kind and visit are null where it does not say them',
    },
  ),
  next: Type.Optional(
    Type.String({ description: 'Cursor of the next page; by kind, pages before it may be empty' }),
  ),
});
