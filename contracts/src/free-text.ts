import { type StringOptions, type TString, Type } from '@sinclair/typebox';

/** In a schema, beside the keywords that are published. */
export const FREE_TEXT = Symbol('caretab free text');

/**
 * A text that people write. What they write of a visit stays in the ledger for good: so `flawsOf`
 * finds an ID number in it.
 */
export const FreeText = (options: StringOptions): TString =>
  Type.String({ ...options, [FREE_TEXT]: true } as StringOptions);
