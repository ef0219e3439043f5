import { type Static, Type } from '@sinclair/typebox';
import { Entitlement } from '../entitlement';
import { FreeText } from '../free-text';
import { Charge, ItemCode, Quantity, HoldMaxFen } from '../hospital';
import { Presence } from '../presence';
import { ChargeId, Fen, Instant, PersonId, VisitClass, VisitNumber } from '../schemas';
import { CODE_LENGTH_MAX, CredentialType, MobileEnd, ReadAt } from './codes';
import { KnownBirthDate, Sex } from './person';
import { closed } from './shapes';
import { GUID_IN_BRACES } from './which-visit';

const Department = Type.Optional(FreeText({ minLength: 1, maxLength: 40 }));

export const CredentialBody = closed(
  {
    type: CredentialType,
    value: Type.String({ minLength: 4, maxLength: CODE_LENGTH_MAX }),
    mobileEnd: Type.Optional(MobileEnd),
    readAt: Type.Optional(ReadAt),
  },
  { description: 'What the person showed' },
);
const SaidPresence = Type.Optional({
  ...Presence,
  description:
    'How the person is present. face, code and card are believed where your profile names such a ' +
    'reader (`presenceReaders`). Absent: code for a `qr` or a code of another issuer, typed for a ' +
    'number',
});
export const VisitBody = closed({
  visitNumber: Type.String({
    pattern: `^(${GUID_IN_BRACES}|[A-Za-z0-9._/-]{1,40})$`,
    description: `${VisitNumber.description}; a GUID also in braces, which are left out`,
  }),
  visitClass: VisitClass,
  credential: Type.Optional(CredentialBody),
  personId: Type.Optional({
    ...PersonId,
    description: 'In place of the credential, where you resolved one of this person within a day',
  }),
  holder: Type.Optional(
    closed(
      {
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
        birthDate: Type.Optional(KnownBirthDate),
        sex: Type.Optional(Sex),
      },
      { description: 'Whom the hospital has before it; refused where the register says otherwise' },
    ),
  ),
  presence: SaidPresence,
  entitlement: Type.Optional(
    closed(
      {
        ...Entitlement.properties,
        certno: Type.Optional(
          Type.String({
            pattern: '^[0-9A-Za-z]{15,18}$',
            description: 'certno of 1101: whom the centre spoke of. It is compared, and not kept',
          }),
        ),
      },
      {
        description:
          'What the centre of medical security answered to 1101 and 2001 for this visit; where ' +
          'your profile says that you forward it (`entitlement`)',
      },
    ),
  ),
  department: Department,
  startedAt: Instant,
});
export const ResolveBody = closed(
  {
    ...CredentialBody.properties,
    presence: SaidPresence,
    visitNumber: Type.Optional({
      ...VisitBody.properties.visitNumber,
      description:
        'The visit that a code is shown for: asked again, and opened with it, the code is not used ' +
        'twice',
    }),
  },
  { description: CredentialBody.description },
);
export const ChargesBody = closed({
  charges: Type.Array(Charge, {
    minItems: 1,
    maxItems: 500,
    description: 'All are accepted, or none',
  }),
});
export const ReturnBody = closed(
  {
    returnId: ChargeId,
    chargeId: ChargeId,
    itemCode: Type.Optional(ItemCode),
    quantity: Type.Optional(Quantity),
    amountFen: Type.Optional(Fen),
    returnedToPharmacy: Type.Optional(
      Type.Literal(true, { description: 'The pharmacy has the dispensed drug back' }),
    ),
    returnedAt: Instant,
  },
  {
    description:
      'Takes an earlier charge back, or a part of it: by quantity (at its unit price), by amount, ' +
      'or by both; several together take at most what was charged',
  },
);
export const UpdateBody = closed({
  visitClass: Type.Optional(VisitClass),
  department: Department,
  holdMaxFen: HoldMaxFen,
  updatedAt: Instant,
});
export const EndBody = closed({ endedAt: Instant });
export const ReopenBody = closed({ reopenedAt: Instant });
export const CancelBody = closed({ withdrawnAt: Instant });
/** The key under which a request may be repeated: the sender's own id of it. */
export const IdempotencyKey = Type.String({
  pattern: '^[\\x21-\\x7e]{8,100}$',
  description:
    '8 to 100 visible ASCII characters, a new one for each request; a repetition gets the first answer',
});

export type CredentialBody = Static<typeof CredentialBody>;
export type VisitBody = Static<typeof VisitBody>;
export type ChargesBody = Static<typeof ChargesBody>;
export type ReturnBody = Static<typeof ReturnBody>;
export type UpdateBody = Static<typeof UpdateBody>;
export type EndBody = Static<typeof EndBody>;
export type ReopenBody = Static<typeof ReopenBody>;
export type CancelBody = Static<typeof CancelBody>;
