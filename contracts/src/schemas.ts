import { DomainError, FEN_MAX } from '@caretab/kernel';
import { type Static, Type } from '@sinclair/typebox';

export { FEN_MAX };

/** Whole fen, never negative. */
export const Fen = Type.Integer({
  minimum: 0,
  maximum: FEN_MAX,
  description: 'Whole fen (1 CNY = 100 fen)',
});
/** Whole fen with a sign: a correction may be negative. */
export const SignedFen = Type.Integer({
  minimum: -FEN_MAX,
  maximum: FEN_MAX,
  description: 'Whole fen, signed',
});
/** A sum of a whole day in a whole region, where a thousand million CNY are nothing unusual. */
export const NetFen = Type.Integer({
  minimum: -Number.MAX_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Whole fen, signed; a sum of many amounts',
});
export const InstitutionId = Type.String({
  pattern: '^[A-Z0-9]{2,20}$',
  description: 'Code of a medical institution',
});
export const VisitNumber = Type.String({
  pattern: '^[A-Za-z0-9._/-]{1,40}$',
  description:
    "The institution's own number of a visit (HL7 PV1-19): letters, digits, dot, underscore, hyphen, slash",
});
export const VisitId = Type.String({
  pattern: '^[A-Z0-9]{2,20}-[A-Za-z0-9._/-]{1,40}$',
  description:
    'Institution id, hyphen, visit number. An institution id holds no hyphen: the first one divides',
});
export const PersonId = Type.String({
  pattern: '^p-[0-9a-f-]{36}$',
  description: 'Pseudonymous id of a person; no personal data',
});
export const ChargeId = Type.String({
  pattern: '^[A-Za-z0-9._-]{1,40}$',
  description: "The institution's own id of a charge, unique within the visit (HL7 FT1-2)",
});
export const PayerId = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{1,30}$',
  description: 'An insurer',
});
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'RFC 3339 instant',
});
export const BusinessDate = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'A day, Asia/Shanghai',
});
export const Code = Type.String({
  pattern: '^[A-Z][A-Z0-9_]{1,60}$',
  description: 'A reason, SCREAMING_SNAKE',
});
export const VisitClass = Type.Union([
  Type.Literal('outpatient'),
  Type.Literal('emergency'),
  Type.Literal('inpatient'),
]);
export type VisitClass = Static<typeof VisitClass>;
export const Id = Type.String({ minLength: 1, maxLength: 120 });

/** The one id that hospital and platform both can compute. */
export const visitIdOf = (institutionId: string, visitNumber: string): string =>
  `${institutionId}-${visitNumber}`;

const SHANGHAI_OFFSET_MS = 8 * 60 * 60 * 1000;

/**
 * The business day (Asia/Shanghai, no daylight saving) of an instant, a Date or RFC 3339
 * text. Throws INSTANT_IMPOSSIBLE (invalid) for a day or an hour that no calendar has.
 */
export const businessDateOf = (instant: string | Date): string => {
  const atMs = typeof instant === 'string' ? Date.parse(instant) : instant.getTime();
  if (Number.isNaN(atMs))
    throw new DomainError('INSTANT_IMPOSSIBLE', 'invalid', {
      what: 'a time that no calendar has; send the true time',
    });
  return new Date(atMs + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);
};

/**
 * By what a report named its person: the kind, and a keyed digest by which the same one is known
 * again. Never the number itself, and nothing that leads to it.
 */
export const Identifier = Type.String({
  pattern: '^[a-z][a-z-]{1,19}:[A-Za-z0-9_-]{16,64}$',
  description:
    'By what the person was named: kind and keyed digest, such as `health-card:…`. Opaque',
});
