import { Type } from '@sinclair/typebox';
import { FreeText } from '../free-text';
import { ConsentRevision } from '../identity';
import { Code, Fen, Instant, PersonId, SignedFen, NetFen, VisitId } from '../schemas';
import { ActivationId } from './consents';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const WhichPerson = closed({ personId: PersonId });
const Score = Type.Integer({ minimum: 0, maximum: 1000 });
const Said = FreeText({ minLength: 1, maxLength: 200 });
const Enrolled = closed({ personId: PersonId, accountPersonId: PersonId, lineFen: Fen });
const Entry = closed({
  accountPersonId: PersonId,
  sequence: Type.Integer({ minimum: 1 }),
  kind: oneOf(
    'Opened',
    'Closed',
    'LineSet',
    'Frozen',
    'Unfrozen',
    'Held',
    'HoldIncreased',
    'HoldReleased',
    'Due',
    'Settled',
    'WrittenOff',
    'MergedOut',
    'MergedIn',
    'UnmergedOut',
    'UnmergedIn',
  ),
  visitId: orNull(VisitId),
  heldFen: SignedFen,
  outstandingFen: SignedFen,
  heldAfterFen: SignedFen,
  outstandingAfterFen: SignedFen,
  lineFen: Fen,
  note: orNull(Type.String()),
  causeId: Type.String(),
  recordedAt: Moment,
});

export const creditRoutes = {
  showAccount: route({
    method: 'GET',
    path: '/credit/accounts/{personId}',
    action: 'credit-accounts.read',
    whose: { person: 'params.personId' },
    summary:
      'A person’s line: held, outstanding, available, over the line, and its entries, newest first',
    params: WhichPerson,
    query: closed({
      before: Type.Optional(
        Type.String({
          pattern: '^[1-9]\\d{0,14}$',
          description: 'nextBefore of the page before: a sequence number',
        }),
      ),
    }),
    responses: {
      200: closed({
        personId: PersonId,
        enrolment: oneOf('open', 'ending', 'closed'),
        accountPersonId: PersonId,
        status: oneOf('open', 'closed', 'merged'),
        frozenReason: orNull(Type.String()),
        score: Score,
        policyId: Type.String({
          description: 'The policy that the line follows, with its version',
        }),
        lineFen: Fen,
        heldFen: Fen,
        outstandingFen: SignedFen,
        availableFen: Fen,
        overLineFen: Fen,
        entries: Type.Array(Entry),
        nextBefore: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
    },
    problems: ['NOT_ENROLLED'],
  }),
  freeze: route({
    method: 'PUT',
    path: '/credit/accounts/{personId}/freeze',
    action: 'credit-accounts.freeze',
    whose: { person: 'params.personId' },
    summary: 'Grant no new hold until unfrozen; holds that stand stay',
    params: WhichPerson,
    body: closed({ reason: Code }),
    responses: { 204: null },
    problems: ['ACCOUNT_UNKNOWN', 'FROZEN_OTHERWISE'],
  }),
  unfreeze: route({
    method: 'DELETE',
    path: '/credit/accounts/{personId}/freeze',
    action: 'credit-accounts.unfreeze',
    whose: { person: 'params.personId' },
    approval: { when: 'always' },
    summary: 'Grant holds again',
    params: WhichPerson,
    responses: { 204: null },
    problems: ['ACCOUNT_UNKNOWN'],
  }),
  summary: route({
    method: 'GET',
    path: '/credit/summary',
    action: 'credit-accounts.summarise',
    whose: 'platform',
    unrecorded: true,
    summary: 'Totals over all lines',
    responses: {
      200: closed({
        accounts: Count,
        openAccounts: Count,
        frozenAccounts: Count,
        lineFen: NetFen,
        heldFen: NetFen,
        outstandingFen: NetFen,
        overLineFen: NetFen,
      }),
    },
    problems: [],
  }),
  score: route({
    method: 'PUT',
    path: '/credit/persons/{personId}/score',
    action: 'scores.put',
    whose: { person: 'params.personId' },
    approval: {
      ...{ when: 'depends', where: 'where it changes a known one' },
      shows: ['score', 'scoredAt'],
    },
    summary: 'Take the credit authority’s score; an open line follows it',
    params: WhichPerson,
    body: closed({
      score: Score,
      scoredAt: Instant,
      expiresAt: Type.Optional(Instant),
      modelVersion: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,40}$' })),
      dimensions: Type.Optional(
        Type.Record(Type.String({ pattern: '^[a-z][A-Za-z]{1,39}$' }), Score, {
          maxProperties: 20,
          description: 'Points by the dimensions that the line policy names',
        }),
      ),
      reasons: Type.Optional(
        Type.Array(closed({ zh: Said, en: Said }), {
          maxItems: 10,
          description: 'Why it is as it is: what the citizen may see',
        }),
      ),
    }),
    responses: {
      200: closed({
        personId: PersonId,
        score: Score,
        lineFen: Type.Optional(Fen),
        expiresAt: Type.Optional(Moment),
      }),
    },
    problems: [
      'SCORE_OUTDATED',
      'SCORE_CONFLICT',
      'SCORE_EXPIRED',
      'PERSON_DIED',
      'SCORE_DIMENSION_UNKNOWN',
      'CONSENT_REVOKED',
    ],
  }),
  showScore: route({
    method: 'GET',
    path: '/credit/persons/{personId}/score',
    action: 'scores.read',
    whose: { person: 'params.personId' },
    summary: 'A person’s score as they may see it: points, dimensions, reasons, and until when',
    params: WhichPerson,
    responses: {
      200: closed({
        personId: PersonId,
        score: Score,
        scoredAt: Moment,
        expiresAt: orNull(Moment),
        expired: Type.Boolean(),
        whenExpired: oneOf('keep', 'stop'),
        modelVersion: orNull(Type.String()),
        dimensions: Type.Array(
          closed({
            code: Type.String(),
            points: Score,
            title: closed({ zh: Type.String(), en: Type.String() }),
          }),
        ),
        reasons: Type.Array(closed({ zh: Type.String(), en: Type.String() })),
      }),
    },
    problems: ['SCORE_UNKNOWN'],
  }),
  enrol: route({
    method: 'POST',
    path: '/credit/enrolments',
    action: 'enrolments.open',
    whose: { person: 'body.personId' },
    summary:
      'Open the service, for a child on the guardian’s line; 201 when opened, 200 when it was open',
    body: closed({
      personId: PersonId,
      activationId: Type.Optional({
        ...ActivationId,
        description: 'Of identity, which is asked for it; staff are kept as who opened it',
      }),
      consentRevision: Type.Optional({
        ...ConsentRevision,
        description: 'Of identity: the consents by which it is opened',
      }),
    }),
    responses: { 200: Enrolled, 201: Enrolled },
    problems: [
      'PERSON_UNKNOWN',
      'CONSENT_REVOKED',
      'SCORE_UNKNOWN',
      'SCORE_EXPIRED',
      'SCORE_TOO_LOW',
      'GUARDIAN_NEEDED',
      'GUARDIAN_NOT_ENROLLED',
    ],
  }),
  endEnrolment: route({
    method: 'DELETE',
    path: '/credit/enrolments/{personId}',
    action: 'enrolments.close',
    whose: { person: 'params.personId' },
    summary: 'Close the service; refused while a hold stands or something is owed',
    params: WhichPerson,
    responses: { 204: null },
    problems: ['NOT_ENROLLED', 'SERVICE_IN_USE'],
  }),
  closeForErasure: route({
    method: 'POST',
    path: '/credit/persons/{personId}/erasure',
    action: 'enrolments.close-for-erasure',
    whose: { person: 'params.personId' },
    summary:
      'What stands in the way of erasing a person; where nothing does and `close` is set, the service is closed',
    params: WhichPerson,
    body: closed({ close: Type.Boolean() }),
    responses: {
      200: closed({ holds: Count, debts: Count, wards: Count, closed: Type.Boolean() }),
    },
    problems: [],
  }),
};
