import { type TSchema } from '@sinclair/typebox';
import { Value, ValueErrorType } from '@sinclair/typebox/value';
import { type Finding, readJson } from './strict-json';

/** A file that is not taken, with everything that is wrong with it. */
export class NotTaken extends Error {
  constructor(
    readonly file: string,
    readonly findings: readonly Finding[],
  ) {
    super(
      `${file} is not taken:\n` +
        findings.map(({ path, why, remedy }) => `  ${path || '/'}: ${why} ${remedy}`).join('\n'),
    );
    this.name = 'NotTaken';
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const knownFields = (schema: TSchema): string => {
  const { properties } = schema as { properties?: Record<string, unknown> };
  return properties ? Object.keys(properties).join(', ') : '';
};

/** What stands there, where the form wants something else. */
const whyOf = (value: unknown, path: string, message: string): string => {
  const at = path
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (found, key) =>
        (found as Record<string, unknown> | undefined)?.[
          key.replace(/~1/g, '/').replace(/~0/g, '~')
        ],
      value,
    );
  if (typeof at === 'number') return `A number stands here: ${String(at)}.`;
  if (typeof at === 'string') return `“${at}” stands here.`;
  return `${message}.`;
};

/** What a file's form gets wrong: fields that are not known, that are missing, or of another kind. */
export const formFindings = (schema: TSchema, value: unknown): Finding[] => {
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const { path, type, message, schema: at } of Value.Errors(schema, value)) {
    if (told.has(path)) continue;
    told.add(path);
    const what = (at as { description?: string }).description;
    if (type === ValueErrorType.ObjectAdditionalProperties)
      findings.push({
        ...{ path, why: `Nothing reads “${nameOf(path)}” here.` },
        remedy: knownFields(at) ? `There are: ${knownFields(at)}.` : 'Take it out.',
      });
    else if (type === ValueErrorType.ObjectRequiredProperty)
      findings.push({
        ...{ path, why: `“${nameOf(path)}” is missing.` },
        remedy: what ? `Write ${what}.` : 'Add it.',
      });
    else
      findings.push({
        ...{ path, why: whyOf(value, path, message) },
        remedy: what ? `Write ${what}.` : 'Correct it.',
      });
    if (findings.length >= 50) break;
  }
  return findings;
};

/** Reads a file of a form. Throws NotTaken with all that is wrong. */
export const readFile = <Form>(schema: TSchema, text: string, file: string): Form => {
  const { value, findings } = readJson(text);
  if (value === undefined) throw new NotTaken(file, findings);
  const all = [...findings, ...formFindings(schema, value)];
  if (all.length > 0) throw new NotTaken(file, all);
  return value as Form;
};
