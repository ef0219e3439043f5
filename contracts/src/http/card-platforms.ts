import { Type } from '@sinclair/typebox';
import { BusinessDate, InstitutionId } from '../schemas';
import { CardMedium, CardNumber, CardStatus } from './cards';
import { Registration } from './person';
import { route } from './route';
import { closed, Count, oneOf, Why } from './shapes';

/** GB/T 2260 of a province (2 digits), a city (4) or a county (6). */
export const REGION = /^\d{2}(\d{2}){0,2}$/;

const RequestId = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: 'The sender’s own, for each request: the same again changes nothing',
});
const CardOffice = Type.String({
  pattern: '^[A-Za-z0-9-]{1,40}$',
  description: 'The sender’s own code of the bank counter or office that handed the card out',
});
const { idNumber, name, mobile, email, language } = Registration.properties;
const CardHolder = { idNumber, name };
/** What a card platform says of a card that it issued. */
export const IssuedCard = {
  ...CardHolder,
  medium: oneOf('physical', 'electronic'),
  number: CardNumber,
  child: Type.Optional(Type.Boolean()),
  office: Type.Optional(CardOffice),
};
/** What a card platform says of a resident. Of a known one only e-mail and language change. */
export const ToldResident = { ...CardHolder, mobile, email, language };
const Standing = closed({
  requestId: RequestId,
  cardId: Type.String(),
  medium: CardMedium,
  status: CardStatus,
});
const Medium = Type.Optional(CardMedium);
const ofHolder = [
  'ID_NUMBER_INVALID',
  'NAME_INVALID',
  'PERSON_UNKNOWN',
  'PERSON_CONFLICT',
  'PERSON_DIED',
  'PERSONAL_DATA_DESTROYED',
  'ERASURE_UNDER_WAY',
  'MESSAGE_CONFLICT',
] as const;
const ofCard = ['CARD_UNKNOWN', 'CARD_NOT_CHANGEABLE', ...ofHolder] as const;

/** What card platforms of regions, and institutions’ own card systems, ask and say. */
export const cardPlatformRoutes = {
  checkIdCard: route({
    method: 'POST',
    path: '/identity/card-platform/id-card-checks',
    action: 'card-platform.check-id-card',
    whose: 'platform',
    asks: true,
    summary: 'Whether an ID number and a name are one registered person’s: yes or no',
    description: 'A person who is not registered is answered as one of another name.',
    body: closed(CardHolder),
    responses: { 200: closed({ match: Type.Boolean() }) },
    problems: ['ID_NUMBER_INVALID', 'NAME_INVALID', 'LOOKUPS_TOO_MANY'],
  }),
  checkCard: route({
    method: 'POST',
    path: '/identity/card-platform/card-checks',
    action: 'card-platform.check-card',
    whose: 'platform',
    asks: true,
    summary: 'Whether a card that is shown is valid, and whose ID number it is: yes or no',
    description: '`holder` only where `idNumber` was sent. No card of this number is no status.',
    body: closed({
      number: CardNumber,
      medium: Medium,
      idNumber: Type.Optional(idNumber),
    }),
    responses: {
      200: closed({
        valid: Type.Boolean(),
        status: Type.Optional(CardStatus),
        holder: Type.Optional(oneOf('match', 'no-match')),
      }),
    },
    problems: ['LOOKUPS_TOO_MANY'],
  }),
  syncIssue: route({
    method: 'POST',
    path: '/identity/card-platform/issues',
    action: 'card-platform.issue',
    whose: 'platform',
    summary: 'A card was issued to a registered person; the same card again is the same',
    body: closed({ requestId: RequestId, ...IssuedCard }),
    responses: { 200: Standing },
    problems: [
      'CREDENTIAL_INVALID',
      'CREDENTIAL_CONFLICT',
      'CARD_CONFLICT',
      'CHILD_CARD_AGE',
      ...ofHolder,
    ],
  }),
  syncStatus: route({
    method: 'POST',
    path: '/identity/card-platform/statuses',
    action: 'card-platform.change-status',
    whose: 'platform',
    summary: 'A card of the sender’s was handed out, lost, frozen or closed',
    description: 'What makes a lost or frozen card valid again needs two persons, at a desk.',
    body: closed({
      requestId: RequestId,
      number: CardNumber,
      change: oneOf('activate', 'report-lost', 'freeze', 'close'),
      why: Why,
    }),
    responses: { 200: Standing },
    problems: ofCard,
  }),
  syncReplacement: route({
    method: 'POST',
    path: '/identity/card-platform/replacements',
    action: 'card-platform.replace',
    whose: 'platform',
    summary: 'Another card in place of one of the sender’s: the old number is refused from now on',
    body: closed({
      requestId: RequestId,
      number: CardNumber,
      newNumber: CardNumber,
      office: Type.Optional(CardOffice),
      why: Why,
    }),
    responses: { 200: Standing },
    problems: [
      'CREDENTIAL_INVALID',
      'CREDENTIAL_CONFLICT',
      'CARD_CONFLICT',
      'CHILD_CARD_AGE',
      ...ofCard,
    ],
  }),
  readCardStatistics: route({
    method: 'GET',
    path: '/identity/card-platform/statistics',
    action: 'card-platform.read-statistics',
    whose: 'platform',
    unrecorded: true,
    summary: 'How many operations with the asker’s cards there were, by day, place and operation',
    query: closed({ from: BusinessDate, through: BusinessDate }),
    responses: {
      200: closed({
        operations: Type.Array(
          closed({
            day: Type.String(),
            operation: Type.String(),
            region: Type.Optional(Type.String()),
            institutionId: Type.Optional(InstitutionId),
            count: Count,
          }),
        ),
      }),
    },
    problems: [],
  }),
  syncResident: route({
    method: 'POST',
    path: '/identity/card-platform/residents',
    action: 'card-platform.tell-resident',
    whose: 'platform',
    summary: 'Register a resident, or change how a holder of the sender’s card is written to',
    description:
      'A name, ID number or mobile number that contradicts what is registered changes nothing: ' +
      'the person shows the ID card at a desk, or proves the mobile number.',
    body: closed({ requestId: RequestId, ...ToldResident }),
    responses: {
      200: closed({ requestId: RequestId, result: oneOf('registered', 'changed', 'unchanged') }),
    },
    problems: [
      'MOBILE_INVALID',
      'EMAIL_INVALID',
      'IDENTITY_CONTRADICTS',
      'CARD_UNKNOWN',
      ...ofHolder,
    ],
  }),
  modifyCard: route({
    method: 'POST',
    path: '/identity/card-platform/cards',
    action: 'card-platform.modify-card',
    whose: 'platform',
    summary: 'Change what is kept of a card of the sender’s: the office, and whether a child’s',
    body: closed({
      requestId: RequestId,
      number: CardNumber,
      office: Type.Optional(CardOffice),
      child: Type.Optional(Type.Boolean()),
    }),
    responses: { 200: Standing },
    problems: ['CHILD_CARD_AGE', ...ofCard],
  }),
};
