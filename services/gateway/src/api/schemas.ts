import {
  Charge,
  ChargeId,
  Fen,
  Instant,
  PersonId,
  VisitClass,
  VisitNumber,
} from '@caretab/contracts';
import { type Static, Type } from '@sinclair/typebox';

const Department = Type.Optional(Type.String({ minLength: 1, maxLength: 40 }));

export const CredentialBody = Type.Object(
  {
    type: Type.Union([Type.Literal('id-number'), Type.Literal('health-card'), Type.Literal('qr')]),
    value: Type.String({ minLength: 4, maxLength: 200 }),
  },
  { additionalProperties: false, description: 'What the person showed' },
);

export const VisitBody = Type.Object(
  {
    visitNumber: VisitNumber,
    visitClass: VisitClass,
    credential: Type.Optional(CredentialBody),
    personId: Type.Optional(
      Type.String({
        pattern: PersonId.pattern!,
        description: 'In place of the credential, where it was resolved before',
      }),
    ),
    department: Department,
    startedAt: Instant,
  },
  { additionalProperties: false },
);

export const ChargesBody = Type.Object(
  {
    charges: Type.Array(Charge, {
      minItems: 1,
      maxItems: 500,
      description: 'All are accepted, or none',
    }),
  },
  { additionalProperties: false },
);

export const ReturnBody = Type.Object(
  { returnId: ChargeId, chargeId: ChargeId, amountFen: Fen, returnedAt: Instant },
  {
    additionalProperties: false,
    description: 'Takes one whole earlier charge back; amountFen repeats its amount',
  },
);

export const UpdateBody = Type.Object(
  { visitClass: Type.Optional(VisitClass), department: Department, updatedAt: Instant },
  { additionalProperties: false },
);
export const EndBody = Type.Object({ endedAt: Instant }, { additionalProperties: false });
export const CancelBody = Type.Object({ withdrawnAt: Instant }, { additionalProperties: false });

/** The key under which a request may be repeated: the sender's own id of it. */
export const IdempotencyKey = Type.String({
  pattern: '^[\\x21-\\x7e]{8,100}$',
  description: '8 to 100 visible ASCII characters, a new one for each request',
});

export type VisitBody = Static<typeof VisitBody>;
export type ChargesBody = Static<typeof ChargesBody>;
export type ReturnBody = Static<typeof ReturnBody>;
export type UpdateBody = Static<typeof UpdateBody>;
export type EndBody = Static<typeof EndBody>;
export type CancelBody = Static<typeof CancelBody>;
