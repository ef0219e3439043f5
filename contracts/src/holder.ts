import { type Static, Type } from '@sinclair/typebox';

const fields = [Type.Literal('name'), Type.Literal('birthDate'), Type.Literal('sex')] as const;

/** What of a person can be compared, without a word of what is registered. */
export const HolderField = Type.Union([...fields]);
export type HolderField = Static<typeof HolderField>;

/** What is wrong with a holder: a field, or that a newborn came under another's credential. */
export const HolderFinding = Type.Union([...fields, Type.Literal('newborn')]);
export type HolderFinding = Static<typeof HolderFinding>;
