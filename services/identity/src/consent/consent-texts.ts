import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConsentPurpose, type ConsentText, dataOf } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';

const Words = Type.String({ minLength: 20, maxLength: 600 });
const File = Type.Object({
  description: Type.String(),
  texts: Type.Array(
    Type.Object({
      purpose: ConsentPurpose,
      required: Type.Boolean(),
      version: Type.String({ minLength: 1 }),
      from: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
      zh: Words,
      en: Words,
    }),
    { minItems: 1 },
  ),
});

const { texts } = dataOf(
  'services/identity/data/consents.json',
  readFileSync(join(__dirname, '../../data/consents.json'), 'utf8'),
  File,
);

const hashOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** The text of a version that was ever asked for. */
export const textOf = (
  said: Pick<ConsentText, 'purpose' | 'version' | 'language'>,
): string | undefined =>
  texts.find(({ purpose, version }) => purpose === said.purpose && version === said.version)?.[
    said.language
  ];

/** What is asked for on a day (YYYY-MM-DD): of each purpose the latest version, in both languages. */
export const textsOn = (day: string): readonly ConsentText[] =>
  texts
    .filter(
      (one) =>
        one.from <= day &&
        !texts.some(
          (other) => other.purpose === one.purpose && other.from <= day && other.from > one.from,
        ),
    )
    .flatMap(({ purpose, required, version, ...words }) =>
      (['zh', 'en'] as const).map((language) => {
        const text = words[language];
        return { purpose, required, version, language, text, hash: hashOf(text) };
      }),
    );
