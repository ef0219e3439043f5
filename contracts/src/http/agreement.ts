import { type Static, Type } from '@sinclair/typebox';
import { BusinessDate, Fen, Instant, VisitId } from '../schemas';
import { PayerPart } from '../visit-ledger';
import { route } from './route';
import { closed, Count, Facts, Moment, orNull } from './shapes';

/** Buckets of a day: a visit is in the one that the hash of its id says. */
export const AGREEMENT_BUCKETS = 64;

const Sum = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** A day of closed visits in digests: two services that have the same digests have the same visits. */
export const AgreementDay = closed({
  day: BusinessDate,
  earlier: orNull({ ...BusinessDate, description: 'The next day before with visits' }),
  buckets: Type.Array(
    closed({
      visits: Count,
      verdicts: { ...Sum, description: 'Over visit, revision, due and each payer’s part' },
      money: { ...Sum, description: 'Over visit, paid and refunded' },
    }),
    { minItems: AGREEMENT_BUCKETS, maxItems: AGREEMENT_BUCKETS },
  ),
});
export type AgreementDay = Static<typeof AgreementDay>;

/** What a service knows of a visit that has a verdict. */
export const VisitStanding = closed({
  visitId: VisitId,
  revision: Count,
  dueFen: Fen,
  payers: Type.Array(PayerPart),
  paidFen: Fen,
  refundedFen: Fen,
});
export type VisitStanding = Static<typeof VisitStanding>;

export const AgreementVisits = closed({
  visits: Type.Array(VisitStanding),
  next: Type.Optional(VisitId),
});
export type AgreementVisits = Static<typeof AgreementVisits>;

const AgreementBuckets = Type.String({
  pattern: '^\\d{1,2}(,\\d{1,2}){0,63}$',
  description: 'Numbers of buckets, e.g. 3,17',
});

/** A visit of which a neighbour knows something else, while it lasts. */
export const Difference = closed({
  neighbour: Type.String(),
  day: BusinessDate,
  visitId: VisitId,
  ours: orNull({ ...Facts, description: 'What this service knows of the visit' }),
  theirs: orNull({ ...Facts, description: 'What the neighbour knows of it' }),
  isHeld: Type.Boolean({
    description: 'Held: no money of it moves. Else it may be under way, and is looked at again',
  }),
  firstSeenAt: Moment,
  lastSeenAt: Moment,
});

/** What the visit ledger answers its neighbours. */
export const agreementRoutes = {
  agreementDay: route({
    method: 'GET',
    path: '/visit-ledger/agreement/{day}',
    action: 'agreement.digest',
    whose: 'platform',
    unrecorded: true,
    summary: 'Digests of the visits that ended on a day, for a neighbour to compare its own with',
    params: closed({ day: BusinessDate }),
    responses: { 200: AgreementDay },
    problems: [],
  }),
  agreementVisits: route({
    method: 'GET',
    path: '/visit-ledger/agreement/{day}/visits',
    action: 'agreement.list',
    whose: 'platform',
    unrecorded: true,
    summary: 'The visits of a day in some buckets: verdict, paid and refunded; at most 500',
    params: closed({ day: BusinessDate }),
    query: closed({ buckets: AgreementBuckets, after: Type.Optional(VisitId) }),
    responses: { 200: AgreementVisits },
    problems: [],
  }),
  publishAgain: route({
    method: 'POST',
    path: '/visit-ledger/publication',
    action: 'publication.repeat',
    whose: 'platform',
    summary: 'Publish recorded facts once more, for a service that was restored from a copy',
    description:
      'Of visits, or of a time range: 1,000 facts a page. Each has the id that it had, so that ' +
      'who has handled it does nothing.',
    body: closed({
      visitIds: Type.Optional(Type.Array(VisitId, { minItems: 1, maxItems: 100 })),
      from: Type.Optional({ ...Instant, description: 'When they were recorded, both included' }),
      until: Type.Optional(Instant),
      after: Type.Optional(
        Type.String({ pattern: '^\\d{1,18}$', description: '`next` of the page before' }),
      ),
    }),
    responses: { 200: closed({ published: Count, next: Type.Optional(Type.String()) }) },
    problems: ['VISIT_UNKNOWN', 'EVENT_STORE_UNAVAILABLE'],
  }),
};
