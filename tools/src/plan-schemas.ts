import {
  CatalogueFile,
  ClaimFile,
  CoordinationFile,
  FACTS,
  HistoryFile,
  PlanFile,
} from '@caretab/plans';

export const planSchemaFolder = 'libs/plans/schemas';

const forms = {
  plan: PlanFile,
  coordination: CoordinationFile,
  claim: ClaimFile,
  history: HistoryFile,
  catalogue: CatalogueFile,
};

/** TypeBox writes a tuple as drafts before 2020-12 do. */
const tuples = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(tuples);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { items, additionalItems, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, tuples(value)]),
  );
  if (items === undefined) return rest;
  return Array.isArray(items)
    ? { ...rest, prefixItems: items, items: additionalItems ?? true }
    : { ...rest, items };
};

/** Path → JSON Schema 2020-12 of each file that benefit plans are written in. */
export const planSchemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(forms).map(([name, form]) => [
      `${planSchemaFolder}/${name}.json`,
      `${JSON.stringify(
        {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          $id: `urn:caretab:plans:${name}`,
          title: name,
          ...(tuples(JSON.parse(JSON.stringify(form))) as object),
        },
        null,
        2,
      )}\n`,
    ]),
  );

export const planFactsPath = 'docs/plan-facts.md';

/** The page of all facts that plans look at. */
export const planFactsDocument = (): string => {
  const rows = Object.entries(FACTS).map(([name, { of, type, en, zh, values, national }]) => [
    ...[`\`${name}\``, of, type, en, zh, national ? `\`${national}\`` : ''],
    values?.join(', ') ?? '',
  ]);
  const head = ['fact', 'of', 'type', 'means', '中文', 'national interface', 'values'];
  return [
    '# Facts that benefit plans look at',
    '',
    'Generated from `libs/plans/src/facts.ts` by `npm run generate`. Codes are those of the national',
    'interface where it has a name for the fact.',
    '',
    ...[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
};
