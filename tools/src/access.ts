import { ACTIONS_OF_SCOPE, DIRECT_COLUMNS, matrix, type MatrixRow } from '@caretab/access';
import { allRoutes, type Route } from '@caretab/contracts';
import type { CataloguedTopic } from './catalogue';
import { code, table } from './documents';

export const accessPath = 'docs/access.md';

/** What a hospital's HL7 messages do, by the action of the route that does the same. */
const HL7: Readonly<Record<string, string>> = {
  'ADT^A01, A04': 'visits.open',
  'ADT^A02, A06, A07, A08, A12': 'visits.update',
  'ADT^A03': 'visits.end',
  'ADT^A11': 'visits.cancel',
  'ADT^A13': 'visits.reopen',
  'ADT^A40': 'visits.update',
  'DFT^P03 (CG)': 'charges.post',
  'DFT^P03 (CD)': 'returns.post',
};

const whoseOf = ({ whose }: Route): string =>
  typeof whose === 'string'
    ? whose
    : Object.entries(whose)
        .map(([owner, path]) => `${owner} of ${code(path)}`)
        .join(', ');

/** What a request needs beside a policy that permits it. */
const besidesOf = ({ approval, unrecorded, signsIn, whose }: Route): string =>
  [
    ...(approval ? [`approval${approval.where ? ` ${approval.where}` : ''}`] : []),
    ...(unrecorded && whose !== 'public' ? ['no record'] : []),
    ...(signsIn ? ['leaves a record'] : []),
  ].join(', ') || '—';

const names = (columns: readonly string[]): string =>
  columns.length === DIRECT_COLUMNS.length ? 'every subject' : columns.join(', ') || '—';

const routesTable = (rows: ReadonlyMap<string, MatrixRow>): string =>
  table(
    ['action', 'route', 'whose', 'own', 'anyone’s', 'second factor', 'besides'],
    [...allRoutes]
      .sort((a, b) => (a.action < b.action ? -1 : 1))
      .filter(({ action }, index, all) => all[index - 1]?.action !== action)
      .map((route) => {
        const row = rows.get(route.action)!;
        const { own, anyones } = row;
        const isPublic = route.whose === 'public';
        return [
          code(route.action),
          code(`${route.method} ${route.path}`),
          whoseOf(route),
          isPublic ? '—' : names(own),
          isPublic ? 'anyone, without a credential' : names(anyones),
          isPublic ? '—' : row.needsSecondFactor ? 'everyone' : names(row.secondFactor),
          besidesOf(route),
        ];
      }),
  );

/** docs/access.md: who may do what, as the policies decide it. */
export const accessDocument = (topics: readonly CataloguedTopic[]): string => {
  const rows = new Map(matrix().map((row) => [row.action, row]));
  return [
    '# Who may do what',
    '',
    '<!-- written by `npm run generate` from the policies in libs/access/data -->',
    '',
    'What no policy permits is denied. `own`: to what belongs to the subject’s institution, person or',
    'payer. `anyone’s`: to what is others’ too. Where `whose` is `scoped`, the row says whose it is, and',
    'rows of others do not exist for the caller. `through gateway`: the gateway asks in its place, and the',
    'asked service decides for the one in whose place it is asked.',
    '',
    '`second factor`: whose people do it only where they signed in with one; else the answer is',
    '`SECOND_FACTOR_NEEDED`. A machine, which signs in by a key of its own, and `OPERATOR_KEY` show none,',
    'and do without: but for what `everyone` needs one for.',
    '',
    'What needs an `approval` is asked for by one person and approved by another. That one may do it too,',
    'and is signed in with a second factor ([ADR 61](adr/0061-four-eyes.md)).',
    '',
    'What is not public leaves a record of who did it to whose ([ADR 60](adr/0060-audit-of-access.md)).',
    '`no record` leaves one only where it is refused: it shows no person and changes nothing, or its own',
    'row names its sender.',
    '',
    '## HTTP',
    '',
    routesTable(rows),
    '',
    '## HL7',
    '',
    'A certificate speaks for a set of institutions: its holder is the HospitalSystem of each.',
    '',
    table(
      ['message', 'action', 'to its own', 'to others’'],
      Object.entries(HL7).map(([message, action]) => {
        const { own, anyones } = rows.get(action)!;
        const may = (columns: readonly string[]): string =>
          columns.includes('HospitalSystem') ? 'yes' : 'no';
        return [code(message), code(action), may([...own, ...anyones]), may(anyones)];
      }),
    ),
    '',
    '## Scopes of API keys',
    '',
    'An API key of a hospital is for some of these scopes: without a word of them, for all but',
    '`activate` and `cards`. A HospitalSystem that signs in otherwise is not narrowed. What stands above',
    'as `HospitalSystem by scope` needs a credential that names its scope.',
    '',
    table(
      ['scope', 'actions'],
      Object.entries(ACTIONS_OF_SCOPE).map(([scope, actions]) => [
        code(scope),
        actions.map(code).join(', '),
      ]),
    ),
    '',
    '## Topics',
    '',
    table(
      ['topic', 'authors'],
      topics.map(({ address, topic }) => {
        const { authors } = topic as { readonly authors?: readonly string[] };
        return [code(address), authors ? authors.join(', ') : 'not declared'];
      }),
    ),
    '',
  ].join('\n');
};
