import { parseArgs } from 'node:util';
import { type LedgerPlace, storeIdOf } from '../ledger-store';

export interface MoveOptions {
  readonly from: LedgerPlace;
  readonly to: LedgerPlace;
  /** The service's own database. */
  readonly checkpointsUrl: string;
  readonly schema: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** The command line is not understood, or help was asked for; the message is what to print. */
export class Usage extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

const HELP = `node services/visit-ledger/dist/move-ledger/main.js --from URL --to URL
Moves the visit ledger from one event store to another and proves both equal. Stop every visit-ledger service first.
  --from URL         where the ledger is: postgres://… or esdb://…
  --to URL           where it shall be; empty, or the beginning of this very ledger
  --checkpoints URL  the service's own database; the postgres:// one of --from or --to unless told
  --schema NAME      the service's schema there (default visit_ledger); events in PostgreSQL are in <schema>_events
  --namespace NAME   what stream names begin with in EventStoreDB (default caretab), as EVENTSTORE_NAMESPACE
  --dry-run          verify, compare and tell; write nothing
  --json             the verdict as one line of JSON
An URL may be env:NAME: then it is read from that environment variable, and nobody sees a password among the processes.
Exit status: 0 moved and proven equal (or, with --dry-run, could be moved), 1 not, 2 the command line is not understood.
Broken off, the same command goes on. Afterwards: docs/runbooks/move-ledger.md`;

const wrong = (what: string): Usage => new Usage(`${what}\n\n${HELP}`, 2);

const TEXTS = { from: '', to: '', checkpoints: '', schema: 'visit_ledger', namespace: 'caretab' };
type Texts = { -readonly [Name in keyof typeof TEXTS]: string } & {
  readonly 'dry-run'?: boolean;
  readonly json?: boolean;
  readonly help?: boolean;
};

const parsed = (args: readonly string[]): Texts => {
  const texts = Object.fromEntries(
    Object.keys(TEXTS).map((name) => [name, { type: 'string' as const }]),
  );
  const flags = Object.fromEntries(
    ['dry-run', 'json', 'help'].map((name) => [name, { type: 'boolean' as const }]),
  );
  try {
    return { ...TEXTS, ...parseArgs({ args: [...args], options: { ...texts, ...flags } }).values };
  } catch (error) {
    throw wrong((error as Error).message.split('.')[0]!);
  }
};

/** Reads the command line; `env` holds what `env:NAME` may name. Throws Usage. */
export const optionsOf = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): MoveOptions => {
  const texts = parsed(args);
  if (texts.help) throw new Usage(HELP, 0);
  if (!/^[a-z][a-z0-9_]{0,33}$/.test(texts.schema))
    throw wrong('--schema takes lower-case letters, digits and _');
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(texts.namespace))
    throw wrong('--namespace takes lower-case letters, digits and _');
  const urlOf = (name: 'from' | 'to' | 'checkpoints'): string => {
    const variable = /^env:(.+)$/.exec(texts[name])?.[1];
    if (variable && !env[variable])
      throw wrong(`--${name}: the environment variable ${variable} is not set`);
    return variable ? env[variable]! : texts[name];
  };
  const [from, to] = (['from', 'to'] as const).map((name) => placeOf(name, urlOf(name), texts)) as [
    LedgerPlace,
    LedgerPlace,
  ];
  if (from.url === to.url && storeIdOf(from) === storeIdOf(to))
    throw wrong('--from and --to are the same ledger');
  const checkpointsUrl =
    urlOf('checkpoints') || [from, to].find(({ kind }) => kind === 'postgres')?.url;
  if (!checkpointsUrl) throw wrong('--checkpoints is needed when neither side is PostgreSQL');
  return {
    from,
    to,
    checkpointsUrl,
    schema: texts.schema,
    dryRun: texts['dry-run'] ?? false,
    json: texts.json ?? false,
  };
};

const placeOf = (name: string, url: string, { schema, namespace }: Texts): LedgerPlace => {
  if (/^postgres(ql)?:\/\//.test(url)) return { kind: 'postgres', url, schema: `${schema}_events` };
  if (/^(esdb|eventstoredb|kurrentdb)(\+discover)?:\/\//.test(url))
    return { kind: 'eventstoredb', url, namespace };
  throw wrong(url ? `--${name} takes postgres://… or esdb://…` : `--${name} is missing`);
};
