import { readFileSync } from 'node:fs';
import { dataOf } from '@caretab/contracts';
import { type Static, Type } from '@sinclair/typebox';

const oneOf = <const Texts extends readonly string[]>(...texts: Texts) =>
  Type.Union(texts.map((text) => Type.Literal(text as Texts[number])));

const File = Type.Object(
  {
    /** `asked`: a basic plan pays where the centre says that the person is entitled that day. */
    basic: oneOf('membership', 'asked'),
    /** What counts where no answer came in time: nothing from the basic plan, or the membership. */
    unanswered: oneOf('self-pay', 'membership'),
    /** So long a visit waits for the answer. */
    waitMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000 }),
  },
  { additionalProperties: false },
);

/** Whether basic insurance is asked for at each visit: the region's rule. */
export type EntitlementPolicy = Static<typeof File>;

/** Throws an Error of one sentence for a file that is none. */
export const readEntitlementPolicy = (file: string): EntitlementPolicy =>
  dataOf(file, readFileSync(file, 'utf8'), File);
