import { type Static, Type } from '@sinclair/typebox';
import { InstitutionId, PersonId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, Why } from './shapes';

export const CardMedium = oneOf('physical', 'electronic', 'code');
export type CardMedium = Static<typeof CardMedium>;
export const CardStatus = oneOf('issued', 'active', 'lost', 'frozen', 'replaced', 'closed');
export type CardStatus = Static<typeof CardStatus>;
export const CardMode = oneOf(
  'registration',
  'bank-counter',
  'kiosk',
  'batch',
  'application',
  'platform',
);
export type CardMode = Static<typeof CardMode>;
export type CardChange =
  'activate' | 'report-lost' | 'find' | 'freeze' | 'unfreeze' | 'replace' | 'close' | 'expire';
const CardBatchStatus = oneOf('submitted', 'approved', 'returned', 'produced');
export type CardBatchStatus = Static<typeof CardBatchStatus>;

export const CardNumber = Type.String({
  minLength: 4,
  maxLength: 64,
  pattern: '^[A-Za-z0-9-]+$',
  description: 'The serial number that a reader reads; never an ID number',
});
const Child = Type.Optional(
  Type.Boolean({ description: 'A child card (0–6): it ends by itself on the seventh birthday' }),
);
const Card = closed({
  cardId: Type.String(),
  medium: CardMedium,
  child: Type.Boolean(),
  status: CardStatus,
  mode: CardMode,
  number: Type.Optional(Type.String({ description: 'Its last characters' })),
  institutionId: Type.Optional(InstitutionId),
  region: Type.Optional(Type.String({ description: 'GB/T 2260: whose card platform issued it' })),
  office: Type.Optional(Type.String({ description: 'Where it was handed out, by that platform' })),
  batchId: Type.Optional(Type.String()),
  replacedBy: Type.Optional(Type.String({ description: 'The cardId of the one in its place' })),
  frozenFor: Type.Optional(oneOf('PERSON_DIED')),
  issuedAt: Moment,
  changedAt: Moment,
});
const WhosePerson = closed({ personId: PersonId });
const WhichCard = closed({
  personId: PersonId,
  cardId: Type.String({ pattern: '^card-[A-Za-z0-9-]{1,60}$' }),
});
const issueProblems = [
  'CREDENTIAL_INVALID',
  'CREDENTIAL_CONFLICT',
  'CARD_CONFLICT',
  'CHILD_CARD_AGE',
  'ERASURE_UNDER_WAY',
  'PERSON_DIED',
  'PERSON_UNKNOWN',
  'PERSONAL_DATA_DESTROYED',
] as const;

const BatchId = Type.String({ pattern: '^cb-[A-Za-z0-9-]{1,60}$' });
const Batch = closed({
  batchId: Type.String(),
  status: CardBatchStatus,
  medium: CardMedium,
  child: Type.Boolean(),
  cards: Count,
  submittedAt: Moment,
  productionBatch: Type.Optional(Type.String()),
  why: Type.Optional(Type.String({ description: 'Why it was returned' })),
});
const WhichBatch = closed({ batchId: BatchId });
const BatchName = Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' });

/** Cards and codes of persons, cards that are made together, and the lists that front nodes follow. */
export const cardRoutes = {
  listCards: route({
    method: 'GET',
    path: '/identity/persons/{personId}/cards',
    action: 'cards.list',
    whose: { person: 'params.personId' },
    summary: 'Cards and codes of a person, the latest first: at most 50',
    params: WhosePerson,
    responses: { 200: closed({ cards: Type.Array(Card) }) },
    problems: [],
  }),
  issueCard: route({
    method: 'POST',
    path: '/identity/persons/{personId}/cards',
    action: 'cards.issue',
    whose: { person: 'params.personId' },
    summary: 'Hand out a card at a bank counter or desk, or add a code; the same again is the same',
    params: WhosePerson,
    body: closed({ medium: CardMedium, number: CardNumber, child: Child }),
    responses: { 200: Card, 201: Card },
    problems: issueProblems,
  }),
  issueCardAtKiosk: route({
    method: 'POST',
    path: '/identity/institutions/{institutionId}/cards',
    action: 'cards.issue-at-kiosk',
    whose: { institution: 'params.institutionId' },
    summary: 'A hospital’s kiosk hands out a card or code to whose ID card it has read',
    params: closed({ institutionId: InstitutionId }),
    body: closed({
      idNumber: Type.String({ minLength: 15, maxLength: 30 }),
      name: Type.String({ minLength: 1, maxLength: 100 }),
      medium: CardMedium,
      number: CardNumber,
      child: Child,
    }),
    responses: { 200: Card, 201: Card },
    problems: [...issueProblems, 'ID_NUMBER_INVALID', 'NAME_INVALID', 'PERSON_CONFLICT'],
  }),
  reportCardLost: route({
    method: 'POST',
    path: '/identity/persons/{personId}/cards/{cardId}/loss',
    action: 'cards.report-lost',
    whose: { person: 'params.personId' },
    summary: 'The card is lost: its number is refused from now on',
    params: WhichCard,
    responses: { 200: Card },
    problems: ['CARD_UNKNOWN', 'CARD_NOT_CHANGEABLE', 'PERSON_UNKNOWN', 'ERASURE_UNDER_WAY'],
  }),
  changeCard: route({
    method: 'POST',
    path: '/identity/persons/{personId}/cards/{cardId}/changes',
    action: 'cards.change',
    whose: { person: 'params.personId' },
    approval: { when: 'depends', where: 'where it is found or unfrozen', shows: ['change', 'why'] },
    summary: 'Activate, freeze, unfreeze, replace or close a card, or end its loss',
    params: WhichCard,
    body: closed({
      change: oneOf('activate', 'find', 'freeze', 'unfreeze', 'replace', 'close'),
      number: Type.Optional({ ...CardNumber, description: 'Of the card in its place: to replace' }),
      why: Why,
    }),
    responses: { 200: Card },
    problems: [...issueProblems, 'CARD_UNKNOWN', 'CARD_NOT_CHANGEABLE'],
  }),
  submitCardBatch: route({
    method: 'POST',
    path: '/identity/card-batches',
    action: 'card-batches.submit',
    whose: 'platform',
    summary:
      'A city applies for cards for 1 to 500 persons; the same name and persons are the same',
    body: closed({
      name: BatchName,
      medium: oneOf('physical', 'electronic'),
      child: Child,
      personIds: Type.Array(PersonId, { minItems: 1, maxItems: 500 }),
    }),
    responses: { 200: Batch },
    problems: ['PERSON_UNKNOWN', 'CARD_BATCH_DIFFERS'],
  }),
  listCardBatches: route({
    method: 'GET',
    path: '/identity/card-batches',
    action: 'card-batches.list',
    whose: 'platform',
    summary: 'Batches of a status, the earliest first: at most 100',
    query: closed({ status: Type.Optional(CardBatchStatus) }),
    responses: { 200: closed({ batches: Type.Array(Batch) }) },
    problems: [],
  }),
  reviewCardBatch: route({
    method: 'POST',
    path: '/identity/card-batches/{batchId}/review',
    action: 'card-batches.review',
    whose: 'platform',
    summary: 'The province approves a batch for a maker, or returns it: not who submitted it',
    params: WhichBatch,
    body: Type.Union([
      closed({ decision: oneOf('approve'), productionBatch: BatchName }),
      closed({ decision: oneOf('return'), why: Why }),
    ]),
    responses: { 200: Batch },
    problems: [
      'CARD_BATCH_UNKNOWN',
      'CARD_BATCH_MOVED_ON',
      'CARD_BATCH_DIFFERS',
      'APPROVAL_SAME_SUBJECT',
    ],
  }),
  produceCardBatch: route({
    method: 'POST',
    path: '/identity/card-batches/{batchId}/production',
    action: 'card-batches.produce',
    whose: 'platform',
    summary: 'The numbers of the cards that were made: one for each person of the batch, or none',
    params: WhichBatch,
    body: closed({
      cards: Type.Array(closed({ personId: PersonId, number: CardNumber }), {
        minItems: 1,
        maxItems: 500,
      }),
    }),
    responses: { 200: Batch },
    problems: [...issueProblems, 'CARD_BATCH_UNKNOWN', 'CARD_BATCH_MOVED_ON', 'CARD_BATCH_DIFFERS'],
  }),
  followCardList: route({
    method: 'GET',
    path: '/identity/card-list',
    action: 'card-list.read',
    whose: 'platform',
    unrecorded: true,
    summary: 'What changed on the black and the white list behind a number: at most 1,000 entries',
    description:
      'Ask again with `through` until no entry comes. An entry replaces the one of the same ' +
      'numberHash: HMAC-SHA-256 by hashKey over the JSON text ["<type>","<number>"], base64url.',
    query: closed({
      after: Type.Optional(
        Type.String({ pattern: '^\\d{1,15}$', description: '`through` of the page before' }),
      ),
    }),
    responses: {
      200: closed({
        hashKey: Type.String(),
        entries: Type.Array(
          closed({
            numberHash: Type.String(),
            list: oneOf('white', 'black'),
            why: CardStatus,
            at: Moment,
          }),
        ),
        through: Count,
      }),
    },
    problems: [],
  }),
};
