import type { Static, TObject } from '@sinclair/typebox';

/** One function (交易) of the national interface. */
export interface CentreFunction<In extends TObject = TObject, Out extends TObject = TObject> {
  readonly infno: string;
  readonly zh: string;
  readonly en: string;
  readonly input: In;
  readonly output: Out;
  /** `none`: the published material names it and gives no field; what is sent is the region's. */
  readonly fields: 'given' | 'in-part' | 'none';
  /** 2601 undoes it, where its outcome stayed unknown. */
  readonly isUndoable: boolean;
}

export type InputOf<Of extends CentreFunction> = Static<Of['input']>;
export type OutputOf<Of extends CentreFunction> = Static<Of['output']>;

type More = Partial<Pick<CentreFunction, 'fields' | 'isUndoable'>>;

export const centreFunction = <const In extends TObject, const Out extends TObject>(
  [infno, zh, en]: readonly [string, string, string],
  { input, output, ...more }: { readonly input: In; readonly output: Out } & More,
): CentreFunction<In, Out> => ({
  ...{ infno, zh, en, input, output },
  fields: more.fields ?? 'given',
  isUndoable: more.isUndoable ?? false,
});
