import { CommandLine } from '@caretab/command-line';
import { type EventKeys, EventKeysRefused, readEventKeys } from '@caretab/event-store';
import { type LedgerPlace, storeIdOf } from '../ledger-store';

export interface MoveOptions {
  readonly from: LedgerPlace;
  readonly to: LedgerPlace;
  /** The service's own database. */
  readonly checkpointsUrl: string;
  readonly schema: string;
  /** Of the ledger where it is now. */
  readonly keys: EventKeys;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const HELP = `node services/visit-ledger/dist/move-ledger/main.js --from URL --to URL
Moves the visit ledger from one event store to another and proves both equal. Stop every visit-ledger service first.
  --from URL         where the ledger is: postgres://… or esdb://…
  --to URL           where it shall be; empty, or the beginning of this very ledger
  --checkpoints URL  the service's own database; the postgres:// one of --from or --to unless told
  --schema NAME      the service's schema there (default visit_ledger); events in PostgreSQL are in <schema>_events
  --namespace NAME   what stream names begin with in EventStoreDB (default caretab), as EVENTSTORE_NAMESPACE
  --keys KEYS        what signs the events: a file or its content, as VISIT_LEDGER_EVENT_KEYS, which is read unless told
  --dry-run          verify, compare and tell; write nothing
  --json             the verdict as one line of JSON
An URL may be env:NAME: then it is read from that environment variable, and nobody sees a password among the processes.
Exit status: 0 moved and proven equal (or, with --dry-run, could be moved), 1 not, 2 the command line is not understood.
Broken off, the same command goes on. Afterwards: docs/runbooks/move-ledger.md`;

const VALUES = ['--from', '--to', '--checkpoints', '--schema', '--namespace', '--keys'];

/** Reads the command line; `env` holds what `env:NAME` may name. Throws Usage. */
export const optionsOf = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): MoveOptions => {
  const given = new CommandLine(args, {
    help: HELP,
    flags: ['--dry-run', '--json'],
    values: VALUES,
  });
  const named = (name: string, otherwise: string, pattern: RegExp): string => {
    const text = given.value(name) ?? otherwise;
    if (!pattern.test(text)) throw given.wrong(`${name} takes lower-case letters, digits and _`);
    return text;
  };
  const schema = named('--schema', 'visit_ledger', /^[a-z][a-z0-9_]{0,33}$/);
  const namespace = named('--namespace', 'caretab', /^[a-z][a-z0-9_]{0,39}$/);
  const urlOf = (name: string): string => {
    const text = given.value(name) ?? '';
    const variable = /^env:(.+)$/.exec(text)?.[1];
    if (variable && !env[variable])
      throw given.wrong(`${name}: the environment variable ${variable} is not set`);
    return variable ? env[variable]! : text;
  };
  const place = (name: string): LedgerPlace => {
    const url = urlOf(name);
    if (/^postgres(ql)?:\/\//.test(url))
      return { kind: 'postgres', url, schema: `${schema}_events` };
    if (/^(esdb|eventstoredb|kurrentdb)(\+discover)?:\/\//.test(url))
      return { kind: 'eventstoredb', url, namespace };
    throw given.wrong(url ? `${name} takes postgres://… or esdb://…` : `${name} is missing`);
  };
  const [from, to] = [place('--from'), place('--to')];
  if (from.url === to.url && storeIdOf(from) === storeIdOf(to))
    throw given.wrong('--from and --to are the same ledger');
  const checkpointsUrl =
    urlOf('--checkpoints') || [from, to].find(({ kind }) => kind === 'postgres')?.url;
  if (!checkpointsUrl) throw given.wrong('--checkpoints is needed when neither side is PostgreSQL');
  const keys = keysOf(urlOf('--keys') || env['VISIT_LEDGER_EVENT_KEYS'], given);
  return {
    from,
    to,
    keys,
    checkpointsUrl,
    schema,
    dryRun: given.has('--dry-run'),
    json: given.has('--json'),
  };
};

const keysOf = (text: string | undefined, given: CommandLine): EventKeys => {
  if (!text) throw given.wrong('--keys is missing, and VISIT_LEDGER_EVENT_KEYS is not set');
  try {
    return readEventKeys(text);
  } catch (error) {
    if (error instanceof EventKeysRefused) throw given.wrong(error.message);
    throw error;
  }
};
