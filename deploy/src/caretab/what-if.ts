import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { planDocumentRoutes, publicPlanRoutes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { formatYuan } from '@caretab/kernel';
import { type Command, type Print, printJson, printTable } from './command';
import { addressHelp, addressOptions, type Platform, platformOf, Refused } from './platform';

const HELP = `caretab what-if FILE           what a plan or a coordination file would have changed in earlier claims:
                               who would have borne more or less, by payer, cost and type of person
  --from DAY --to DAY          visits that ended on these days, both inclusive (default: the last 31 days)
  --payer ID                   of an insurer's own plan; without it the document is the bureau's
${addressHelp}
  --json                       for other programs
The document is put as a draft and touches no claim. The run goes on by itself: the same command again
looks on where it is. Runbook: docs/runbooks/plan-documents.md.`;

const POLL_MS = 1_000;
type Run = RouteAnswer<typeof publicPlanRoutes.showShadow>;
/** The body of both answers: new, and known before. */
type Put = RouteAnswer<typeof publicPlanRoutes.put>['body'];
type Begin = { readonly fromDay: string | undefined; readonly toDay: string | undefined };

/** What a plan or a coordination file would change. Runbook: docs/runbooks/plan-documents.md. */
export const whatIf: Command = {
  name: 'what-if',
  what: 'who would have borne what by a plan, over earlier claims, without touching them',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      ...{ help: HELP, flags: ['--json'], positionalsMax: 1 },
      values: ['--from', '--to', '--payer', ...addressOptions],
    });
    const [file] = given.positionals;
    if (file === undefined) throw given.wrong('It takes a file');
    const doors = doorsOf(platformOf(given), given.value('--payer'));
    const version = await put(doors, file, print);
    if (version === undefined) return 1;
    const days = { fromDay: given.value('--from'), toDay: given.value('--to') };
    const run = await ended(doors, version, days);
    if (given.has('--json')) printJson({ version, ...run }, print);
    else printRun(run, print);
    return 0;
  },
};

/** The same doors, of an insurer or of the bureau. */
const doorsOf = (platform: Platform, payerId: string | undefined) => {
  const routes = payerId === undefined ? publicPlanRoutes : planDocumentRoutes;
  return {
    put: (body: unknown): Promise<Put> =>
      platform.ask(routes.put, { params: { payerId }, body }) as Promise<unknown> as Promise<Put>,
    begin: (version: string, query: Begin): Promise<Run> =>
      platform.ask(routes.beginShadow, { params: { payerId, version }, query }),
    show: (version: string): Promise<Run> =>
      platform.ask(routes.showShadow, { params: { payerId, version } }),
  };
};
type Doors = ReturnType<typeof doorsOf>;

const contentOf = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Refused(`${file} cannot be read: ${(error as Error).message}`);
  }
};

/** The document's version; undefined where it has faults, which are printed. */
const put = async (doors: Doors, file: string, print: Print): Promise<string | undefined> => {
  const { document, findings } = await doors.put(contentOf(file));
  for (const { path, why, remedy } of findings) print(`✗ ${path}: ${why} ${remedy}`);
  return document?.version;
};

/** Begins a run, or looks on at one that goes on, to its end; how far it came is said meanwhile. */
const ended = async (doors: Doors, version: string, days: Begin): Promise<Run> => {
  let run = await doors.begin(version, days);
  const isAsked =
    (days.fromDay ?? run.fromDay) === run.fromDay && (days.toDay ?? run.toDay) === run.toDay;
  if (!isAsked)
    throw new Refused(
      `a run over ${run.fromDay} to ${run.toDay} goes on, and is on ${run.day}: wait for its end`,
    );
  while (run.state === 'running') {
    process.stderr.write(`${run.day} of ${run.fromDay} to ${run.toDay}, ${run.visits} visits\n`);
    await sleep(POLL_MS);
    run = await doors.show(version);
  }
  return run;
};

interface Sums {
  readonly wasFen: number;
  readonly wouldBeFen: number;
}

const cells = ({ wasFen, wouldBeFen }: Sums): string[] => [
  formatYuan(wasFen),
  formatYuan(wouldBeFen),
  `${wouldBeFen > wasFen ? '+' : ''}${formatYuan(wouldBeFen - wasFen)}`,
];

const printRun = ({ fromDay, toDay, visits, differences }: Run, print: Print): void => {
  const { claims, changed, notCompared, payers, patient, bands, personTypes } = differences;
  print(
    `${fromDay} to ${toDay}: ${visits} visits, ${claims} claims of the plan, ${changed} differ` +
      (notCompared > 0 ? `, ${notCompared} not compared` : ''),
  );
  const groups = (title: string, found: Run['differences']['bands']): string[][] =>
    Object.entries(found).flatMap(([name, { payer, patient: own }]) => [
      [`${title} ${name}: payer`, ...cells(payer)],
      [`${title} ${name}: patients`, ...cells(own)],
    ]);
  printTable(
    [
      ['yuan', 'was', 'would be', 'difference'],
      ...Object.entries(payers).map(([payer, sums]) => [payer, ...cells(sums)]),
      ['patients', ...cells(patient)],
      ...groups('visits of', bands),
      ...groups('person type', personTypes),
    ],
    print,
  );
};
