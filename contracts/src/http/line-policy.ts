import { type Static, Type } from '@sinclair/typebox';
import { FreeText } from '../free-text';
import type { Frozen } from './route';
import { closed, oneOf, orNull } from './shapes';
import { Lender } from '../lender';
import { BusinessDate, Fen, InstitutionId } from '../schemas';

const Score = Type.Integer({
  minimum: 0,
  maximum: 1000,
  description: 'Of the credit platform’s thousand points',
});
const SourceId = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{1,39}$',
  description: 'One of `sources`',
});
const PositiveFen = Type.Integer({ minimum: 1, maximum: Fen.maximum!, description: 'Whole fen' });
const Text = FreeText({ minLength: 1, maxLength: 500 });

const Source = closed({
  sourceId: SourceId,
  title: Text,
  where: Type.Optional(Type.String({ pattern: '^https?://[!-~]+$', maxLength: 300 })),
  grade: Type.Union(
    ['A', 'B', 'C', 'own'].map((grade) => Type.Literal(grade)),
    {
      description:
        'A: the office or hospital itself; B: press about it; C: another page; own: no public figure, decided here',
    },
  ),
});

const Band = closed(
  { fromScore: Score, toScore: Score, lineFen: Fen, source: SourceId },
  { description: 'Both scores are in the band' },
);

const limits = {
  fromScore: Type.Integer({ minimum: 0, maximum: 1000, description: 'Below it, no new hold' }),
  visitCapFen: orNull(PositiveFen),
  dayCapFen: orNull(PositiveFen),
  source: SourceId,
};

const Terms = closed(
  {
    firstHoldFen: PositiveFen,
    increaseStepFen: orNull(PositiveFen),
    lender: Type.Optional(Lender),
    confirmMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1440,
        description:
          'Each visit waits so long for the word of who pays; without it, it is declined. Absent: ' +
          'no visit is asked about',
      }),
    ),
    ...limits,
  },
  {
    description:
      'The first hold of a visit; a hold grows by whole steps (null: as asked for); the most that one ' +
      'visit, and all visits opened on one day, take of the line (null: the line alone bounds it)',
  },
);

const FamilyTerms = closed(limits, {
  description: 'Visits of wards on their guardian’s line, beside the terms of the visit’s class',
});

const ScoreTerms = closed(
  {
    validDays: orNull(
      Type.Integer({
        minimum: 1,
        maximum: 3660,
        description: 'Of a score without an end of its own; null: it has none',
      }),
    ),
    noticeDays: Type.Integer({ minimum: 0, maximum: 365 }),
    whenExpired: oneOf('keep', 'stop'),
    dimensions: Type.Array(
      closed({
        code: Type.String({ pattern: '^[a-z][A-Za-z]{1,39}$' }),
        title: closed({ zh: Text, en: Text }),
      }),
      { maxItems: 20 },
    ),
    source: SourceId,
  },
  {
    description:
      'How long a score counts, how many days before the citizen is notified, what becomes of an ' +
      'open line then, and what the score is made of',
  },
);

/**
 * Who has how large a line, and what one visit may take of it: data of a city, from a day until the
 * next policy comes into force. What a city does not say is said here, with the grade `own`.
 */
export const LinePolicyDocument = closed({
  format: Type.Literal(1),
  policyId: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{2,39}$' }),
  region: Type.String({ pattern: '^\\d{6}$', description: 'GB/T 2260 code of the city' }),
  title: closed({ zh: Text, en: Text }),
  effectiveFrom: BusinessDate,
  sources: Type.Array(Source, { minItems: 1, maxItems: 50 }),
  eligibility: closed({
    scoreMin: Type.Integer({ minimum: 0, maximum: 1000, description: 'Below it, no line' }),
    source: SourceId,
  }),
  score: Type.Optional(ScoreTerms),
  bands: Type.Array(Band, { minItems: 1, maxItems: 100 }),
  products: closed(
    {
      outpatient: Type.Optional(Terms),
      emergency: Type.Optional(Terms),
      inpatient: Type.Optional(Terms),
      family: Type.Optional(FamilyTerms),
    },
    { description: 'What is left out is not granted' },
  ),
  exclusions: Type.Array(
    closed(
      {
        institutionId: InstitutionId,
        product: orNull(oneOf('outpatient', 'emergency', 'inpatient')),
        why: Text,
        source: SourceId,
      },
      { description: 'No hold at this institution; product null: for none of its visits' },
    ),
    { maxItems: 1000 },
  ),
});
export type LinePolicyDocument = Frozen<Static<typeof LinePolicyDocument>>;
