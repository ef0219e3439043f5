import { type Static, Type } from '@sinclair/typebox';
import { HolderField } from '../holder';
import { closed, oneOf } from './shapes';

export const Language = oneOf('zh', 'en');
const Credential = closed({
  type: oneOf('health-card', 'qr'),
  value: Type.String({ minLength: 4, maxLength: 200 }),
});

export const BirthDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
/** A birth date as exact as it is known. */
export const KnownBirthDate = Type.String({
  pattern: '^\\d{4}(-\\d{2}(-\\d{2})?)?$',
  description: 'YYYY-MM-DD, YYYY-MM or YYYY; compared as exactly as it is given',
});
export const Sex = oneOf('male', 'female');

/** Whom a hospital has before it. */
export const Holder = closed({
  names: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 1,
      maxItems: 9,
      description: 'Writings of one name: one that is the registered name is enough',
    }),
  ),
  birthDate: Type.Optional(KnownBirthDate),
  sex: Type.Optional(Sex),
});
export type Holder = Static<typeof Holder>;
export const Differs = Type.Array(HolderField, { description: 'What is not as it is registered' });

export const Registration = closed({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  idNumber: Type.String({
    minLength: 15,
    maxLength: 30,
    description: '18 characters (GB 11643), or an old one of 15',
  }),
  mobile: Type.String({ minLength: 11, maxLength: 30 }),
  birthDate: Type.Optional(
    Type.String({
      pattern: BirthDate.pattern!,
      description: 'As the register has it; refused where the ID number says another day',
    }),
  ),
  sex: Type.Optional(Sex),
  email: Type.Optional(Type.String({ pattern: '^[^@\\s]{1,64}@[^@\\s]{1,180}$' })),
  language: Type.Optional(Language),
  credentials: Type.Optional(Type.Array(Credential, { maxItems: 10 })),
});
export type Registration = Static<typeof Registration>;
