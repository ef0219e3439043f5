import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  accessRecordRoutes as routes,
  bookRoutes,
  type Route,
  type RouteAnswer,
  visitLedgerRoutes,
} from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type AccessRecordShown, shownRecordHash } from '@caretab/host';
import { SERVICES } from '../cluster/topology';
import { type Exported, faultsIn, syslogOf } from './audit-lines';
import { type Target, targetOf } from './audit-target';
import { type Command, type Print, printJson, printTable } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

type Records = RouteAnswer<typeof routes.listAccessRecords>['records'];

const HELP = `caretab audit list <service>      who did what to whose, the latest first: at most 100
caretab audit export <service>    every record, the oldest first, as lines of JSON
caretab audit verify [service]    whether records, or entries of credit’s and payment’s books, were changed
caretab audit topics              whether the ledger’s topic says what its log says, message by message
  --person ID       list, export: of this person
  --subject ID      list, export: of this subject
  --action NAME     list, export: of this action
  --since TIME      list, export: from this time on; topics: facts before need not be on the topic
  --until TIME      list, export: up to this time
  --syslog          export: as messages of RFC 5424
  --to ADDRESS      export: to udp://host:port or tcp://host:port
  --after POSITION  export: what came after this record, the last of an export
  --file FILE       verify: an earlier export as JSON, and the platform against it
${addressHelp}
                    a token of the audit administrator may stand there too
  --json            list: for other programs`;

const FILTERS = ['--person', '--subject', '--action', '--since', '--until'] as const;

/** Who did what to whose. Runbook: docs/runbooks/who-looked.md. */
export const audit: Command = {
  name: 'audit',
  what: 'who did what to whose: list, export, verify',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json', '--syslog'],
      values: [...FILTERS, '--to', '--after', '--file', ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, service] = given.positionals;
    if (verb === 'topics' && service === undefined) return topics(given, print);
    if (verb === 'verify') {
      const file = given.value('--file');
      const platform = platformOf(given);
      return file === undefined
        ? verify(platform, service === undefined ? SERVICES : [service], print)
        : compareFile(platform, file, print);
    }
    if (verb === undefined || service === undefined)
      throw given.wrong('It takes a verb and a service, such as: audit list identity');
    if (verb === 'list') return list(service, given, print);
    if (verb === 'export') return exportAll(service, given, print);
    throw given.wrong(`There is no verb ${verb}`);
  },
};

const filtersOf = (given: CommandLine): Readonly<Record<string, string>> =>
  Object.fromEntries(
    FILTERS.flatMap((name) => {
      const text = given.value(name);
      return text === undefined ? [] : [[name.slice(2), text]];
    }),
  );

const list = async (service: string, given: CommandLine, print: Print): Promise<number> => {
  const query = filtersOf(given);
  const { records } = await platformOf(given).ask(routes.listAccessRecords, {
    ...{ params: { service }, query },
  });
  if (given.has('--json')) printJson(records, print);
  else printRecords(records, print);
  return 0;
};

const printRecords = (records: Records, print: Print): void =>
  printTable(
    [
      ['position', 'at', 'subject', 'action', 'outcome', 'person', 'about', 'from'],
      ...records.map((record) => [
        ...[String(record.position), String(record.at), record.subject, record.action],
        record.times > 1 ? `${record.outcome} ${record.times}×` : record.outcome,
        ...[record.person ?? '', record.thing ?? record.institution ?? '', record.address ?? ''],
      ]),
    ],
    print,
  );

/** Page by page, the oldest first, from behind a position on. */
async function* pagesOf(
  platform: Platform,
  service: string,
  { after, ...query }: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Records> {
  let next = after;
  do {
    const page = await platform.ask(routes.listAccessRecords, {
      params: { service },
      query: { ...query, order: 'oldest', after: next },
    });
    yield page.records;
    next = page.next;
  } while (next !== undefined);
}

const exportAll = async (service: string, given: CommandLine, print: Print): Promise<number> => {
  const to = given.value('--to');
  if (to !== undefined && !/^(udp|tcp):\/\/[^/]+:\d{1,5}$/.test(to))
    throw given.wrong('--to takes udp://host:port or tcp://host:port');
  const after = given.whole('--after', { min: 0, max: Number.MAX_SAFE_INTEGER });
  const target: Target | undefined = to === undefined ? undefined : await targetOf(to);
  const query = { ...filtersOf(given), after: after === undefined ? undefined : String(after) };
  const host = hostname() || '-';
  for await (const records of pagesOf(platformOf(given), service, query))
    for (const record of records) {
      const exported = { service, ...record } as Exported;
      const line = given.has('--syslog') ? syslogOf(exported, host) : JSON.stringify(exported);
      if (target) await target.send(line);
      else print(line);
    }
  await target?.end();
  return 0;
};

/** Services with a book. */
const BOOKS: readonly string[] = ['credit', 'payment'];

const verify = async (
  platform: Platform,
  services: readonly string[],
  print: Print,
): Promise<number> => {
  let isIntact = true;
  const ask = async (route: Route, what: object, service: string): Promise<void> => {
    let last: unknown;
    for await (const line of platform.lines(route, { params: { service } })) last = line;
    print(JSON.stringify({ service, ...what, ...(last as object) }));
    isIntact &&= (last as { intact?: boolean } | undefined)?.intact === true;
  };
  for (const service of services) {
    await ask(routes.verifyAccessRecords, {}, service);
    if (BOOKS.includes(service)) await ask(bookRoutes.verifyBook, { of: 'book' }, service);
  }
  return isIntact ? 0 : 1;
};

/** Prints how far it has come, then the report. */
const topics = async (given: CommandLine, print: Print): Promise<number> => {
  const since = given.value('--since');
  const query = since === undefined ? {} : { since };
  let last: unknown;
  for await (const line of platformOf(given).lines(visitLedgerRoutes.proofOfTopic, { query }))
    print(JSON.stringify((last = line)));
  return (last as { intact?: boolean } | undefined)?.intact === true ? 0 : 1;
};

const byService = (records: readonly Exported[]): ReadonlyMap<string, readonly Exported[]> => {
  const found = new Map<string, Exported[]>();
  for (const record of records)
    found.set(record.service, [...(found.get(record.service) ?? []), record]);
  return found;
};

/** What was exported before must fit itself, and what the platform still has. */
const compareFile = async (platform: Platform, file: string, print: Print): Promise<number> => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Exported);
  const faults: string[] = [];
  for (const [service, records] of byService(all)) {
    faults.push(...faultsIn(records, shownRecordHash));
    faults.push(...(await differencesOf(platform, service, records)));
    print(`${service}: ${records.length} records compared`);
  }
  for (const fault of faults) print(fault);
  return faults.length === 0 ? 0 : 1;
};

const differencesOf = async (
  platform: Platform,
  service: string,
  records: readonly Exported[],
): Promise<readonly string[]> => {
  const [first, last] = [records[0]!.position, records.at(-1)!.position];
  const now = new Map<number, AccessRecordShown>();
  for await (const page of pagesOf(platform, service, { after: String(first - 1) })) {
    for (const record of page) now.set(record.position, record);
    if ((page.at(-1)?.position ?? last) >= last) break;
  }
  // What was kept long enough is gone, from the beginning on.
  const kept = Math.min(...now.keys(), last + 1);
  return records
    .filter(({ position, hash }) => position >= kept && now.get(position)?.hash !== hash)
    .map(({ position }) => `${service}/${position} is not what was exported`);
};
