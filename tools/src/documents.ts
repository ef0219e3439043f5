import { STATUS_OF_KIND } from '@caretab/contracts';
import type { ErrorKind } from '@caretab/kernel';
import type { CataloguedTopic } from './catalogue';
import type { ErrorUse } from './scan-errors';

export const eventsPath = 'docs/events.md';
export const errorCodesPath = 'libs/kernel/src/error-codes.ts';
export const errorsPath = 'docs/errors.md';
export const remediesPath = 'services/visit-ledger/src/visit/remedies.ts';
export const meaningsPath = 'docs/errors.json';

export interface Meaning {
  readonly means: string;
  readonly whatToDo: string;
}
export type Meanings = Readonly<Record<string, Meaning>>;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
export const code = (text: string): string => `\`${text}\``;

const publishersOf = (entry: CataloguedTopic): string => {
  const services = entry.publishers.map(code).join(', ');
  return entry.slug.startsWith('hospital.')
    ? [services, 'hospitals'].filter(Boolean).join(', ')
    : services || '—';
};

/** Who may write, as the check of each message has it. */
const authorsOf = ({ topic }: CataloguedTopic): string => topic.authors.map(code).join(', ');

const consumersOf = (entry: CataloguedTopic, event: string): string => {
  const groups = entry.consumptions
    .filter((consumption) => consumption.handled?.includes(event) ?? true)
    .map((consumption) => code(consumption.group));
  const outside = entry.slug.startsWith('insurer.') ? ['the insurer'] : [];
  return [...new Set(groups), ...outside].join(', ') || '—';
};

/** docs/events.md: every event of contracts, who says it and who listens. */
export const eventsDocument = (topics: readonly CataloguedTopic[]): string => {
  const sections = topics.map((entry) => {
    const rows = Object.entries(entry.topic.events).map(([event, schema]) => [
      code(event),
      publishersOf(entry),
      consumersOf(entry, event),
      `[schema](../contracts/generated/schemas/${entry.slug}/${event}.json)`,
      schema.description ?? '',
    ]);
    const days = Math.round(entry.topic.retentionMs / (24 * 60 * 60 * 1000));
    return [
      `## \`${entry.address}\``,
      '',
      `${entry.topic.description} Key \`${entry.topic.keyField}\` · ` +
        `${entry.topic.partitions} partition${entry.topic.partitions === 1 ? '' : 's'} ` +
        `· kept ${days} days · authors ${authorsOf(entry)}.`,
      '',
      table(['event', 'publisher', 'handled by', 'data', 'note'], rows),
    ].join('\n');
  });
  return [
    '# Events',
    '',
    "Generated from contracts/ and the consumers' code by `npm run generate`; not " +
      'edited by hand. The same as a machine reads it:',
    '[asyncapi.yaml](../contracts/generated/asyncapi.yaml).',
    '',
    sections.join('\n\n'),
    '',
  ].join('\n');
};

/** Every code that the code says, sorted. */
const codesOf = (uses: readonly ErrorUse[]): readonly string[] =>
  [...new Set(uses.flatMap((use) => (use.code ? [use.code] : [])))].sort();

/** The kinds that a code is thrown with, sorted. */
const kindsOf = (uses: readonly ErrorUse[], name: string): readonly string[] =>
  [...new Set(uses.flatMap((use) => (use.code === name && use.kind ? [use.kind] : [])))].sort();

/** The kernel's table of codes, so that one without an explanation does not compile. */
export const errorCodesModule = (uses: readonly ErrorUse[]): string =>
  [
    '// Generated from the code by `npm run generate`; not edited by hand.',
    '',
    '/** Every error code, with the kinds it is thrown with. */',
    'export const ERRORS = {',
    ...codesOf(uses).map(
      (name) =>
        `  ${name}: [${kindsOf(uses, name)
          .map((kind) => `'${kind}'`)
          .join(', ')}],`,
    ),
    '} as const;',
    '',
    'export type ErrorCode = keyof typeof ERRORS;',
    '',
  ].join('\n');

/** As Prettier writes it. */
const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;

const REMEDY_WIDTH_MAX = 100;
const remedyLine = (name: string, text: string): string => {
  const line = `  ${name}: ${quoted(text)},`;
  if (line.length <= REMEDY_WIDTH_MAX) return line;
  // A comment or string has at most 120 columns.
  const parts = text.match(/.{1,90}(?:\s|$)/g) ?? [];
  return text.length <= REMEDY_WIDTH_MAX
    ? `  ${name}:\n    ${quoted(text)},`
    : `  ${name}:\n${parts.map((part) => `    ${quoted(part)}`).join(' +\n')},`;
};

/** What to do about each code of the visit ledger, as it goes out with a rejected submission. */
export const remediesModule = (uses: readonly ErrorUse[], meanings: Meanings): string =>
  [
    '// Generated from docs/errors.json by `npm run generate`; not edited by hand.',
    '',
    '/** What to do about a code of the visit ledger. */',
    'export const REMEDIES: Readonly<Record<string, string>> = {',
    ...codesOf(uses.filter(({ file }) => file.startsWith('services/visit-ledger/'))).map((name) =>
      remedyLine(name, meanings[name]?.whatToDo ?? ''),
    ),
    '};',
    '',
  ].join('\n');

/** docs/errors.md: every code the software answers with, what it means and what to do. */
export const errorsDocument = (uses: readonly ErrorUse[], meanings: Meanings): string => {
  const rows = codesOf(uses).map((name) => {
    const of = uses.filter((use) => use.code === name);
    const where = [...new Set(of.map((use) => use.file.split('/src/')[0]!))].sort();
    const meaning = meanings[name];
    return [
      code(name),
      kindsOf(uses, name)
        .map((kind) => `${kind} (${STATUS_OF_KIND[kind as ErrorKind] ?? '?'})`)
        .join(', '),
      where.map(code).join(', '),
      meaning?.means ?? '—',
      meaning?.whatToDo ?? '—',
    ];
  });
  return [
    '# Errors',
    '',
    'Every code an answer or a parked message can carry. Over HTTP it is the `code` ' +
      'of an RFC 9457 body, and its kind is the status.',
    'Codes, kinds and places are collected from the code by `npm run generate`; ' +
      'meanings are written in [errors.json](errors.json).',
    '',
    table(['code', 'kind (HTTP)', 'said by', 'means', 'what to do'], rows),
    '',
  ].join('\n');
};

/**
 * What is wrong between the codes in the code and the meanings written for them, both ways, as
 * `file:line: sentence`.
 */
export const errorFaults = (uses: readonly ErrorUse[], meanings: Meanings): readonly string[] => {
  const used = new Set(uses.map((use) => use.code));
  const anonymous = uses
    .filter((use) => use.code === undefined)
    .map(
      (use) =>
        `${use.file}:${use.line}: the code of this DomainError is not written out, so ` +
        'docs/errors.md cannot list it. Write it as a literal.',
    );
  const malformed = uses
    .filter((use) => use.code && !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(use.code))
    .map(
      (use) => `${use.file}:${use.line}: the code ${use.code} is not SCREAMING_SNAKE. Rename it.`,
    );
  const unexplained = [
    ...new Map(
      uses
        .filter((use) => use.code && (!meanings[use.code]?.means || !meanings[use.code]?.whatToDo))
        .map((use) => [use.code, use]),
    ).values(),
  ].map(
    (use) =>
      `${use.file}:${use.line}: ${use.code} has no meaning in ${meaningsPath}. Add "${use.code}": ` +
      '{ "means": "…", "whatToDo": "…" }, then npm run generate.',
  );
  const unused = Object.keys(meanings)
    .filter((name) => !used.has(name))
    .map(
      (name) =>
        `${meaningsPath}:1: ${name} is explained, but no code says it any more. Remove it, then npm run generate.`,
    );
  return [...anonymous, ...malformed, ...unexplained, ...unused];
};
