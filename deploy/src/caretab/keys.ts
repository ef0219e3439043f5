import { identityRoutes as routes, KEY_SCOPES, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson, printTable } from './command';
import {
  addressHelp,
  addressOptions,
  approvalHelp,
  approvalOptions,
  type Platform,
  platformOf,
} from './platform';

const HELP = `caretab keys list [--institution ID]    API keys: how each begins, its end and last use
caretab keys issue --institution ID     make a further key, shown this once; needs two persons
caretab keys renew --institution ID     make a key and end all others at once; needs two persons
caretab keys end <key id> --institution ID
                                        end a key, with the tokens that it got
  --ending DAYS    list: those alone that end within so many days
  --scope NAME     issue: ${KEY_SCOPES.join(', ')}; several times for several.
                   Without it the key is for all but activate and cards
  --days N         issue: until its end (default 365, at most 730)
${approvalHelp}
${addressHelp}
  --json           list: for other programs`;

const DAYS = { min: 1, max: 730 };

/** API keys of hospitals. Runbook: docs/runbooks/api-keys.md. */
export const keys: Command = {
  name: 'keys',
  what: 'API keys of hospitals: list, issue, renew, end',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [
        ...['--institution', '--ending', '--scope', '--days'],
        ...approvalOptions,
        ...addressOptions,
      ],
      positionalsMax: 2,
    });
    const [verb, keyId] = given.positionals;
    if (verb === undefined) throw given.wrong('It takes list, issue, renew or end');
    if (verb === 'list') return list(given, print);
    if (verb !== 'issue' && verb !== 'renew' && verb !== 'end')
      throw given.wrong(`There is no verb ${verb}`);
    const institutionId = given.value('--institution');
    if (institutionId === undefined) throw given.wrong(`${verb} needs --institution`);
    const asked = { given, institutionId, print };
    if (verb !== 'end') return verb === 'issue' ? issue(asked) : renew(asked);
    if (keyId === undefined) throw given.wrong('end takes the id of a key: caretab keys list');
    const params = { institutionId, keyId };
    await platformOf(given).ask(routes.endInstitutionKey, { params });
    print(`${keyId} has ended; services refuse it within seconds`);
    return 0;
  },
};

interface Asked {
  readonly given: CommandLine;
  readonly institutionId: string;
  readonly print: Print;
}

const issue = async ({ given, institutionId, print }: Asked): Promise<number> => {
  const scopes = given.all('--scope');
  const unknown = scopes.find((scope) => !(KEY_SCOPES as readonly string[]).includes(scope));
  if (unknown !== undefined)
    throw given.wrong(`--scope takes one of: ${KEY_SCOPES.join(', ')}, not ${unknown}`);
  const days = given.whole('--days', DAYS);
  const body = { ...(scopes.length > 0 && { scopes }), ...(days !== undefined && { days }) };
  const params = { institutionId };
  const approval = given.value('--approval');
  const platform = platformOf(given);
  printJson(await platform.ask(routes.issueInstitutionKey, { params, body, approval }), print);
  return 0;
};

const renew = async ({ given, institutionId, print }: Asked): Promise<number> => {
  const input = { params: { institutionId }, approval: given.value('--approval') };
  printJson(await platformOf(given).ask(routes.renewInstitutionKey, input), print);
  return 0;
};

type Key = RouteAnswer<typeof routes.listInstitutionKeys>[number];

const stateOf = ({ endedAt, endsAt }: Key): string => {
  if (endedAt !== undefined) return `ended ${String(endedAt)}`;
  return `${Date.parse(String(endsAt)) <= Date.now() ? 'expired' : 'until'} ${String(endsAt)}`;
};

const list = async (given: CommandLine, print: Print): Promise<number> => {
  const ending = given.whole('--ending', { min: 0, max: 999 });
  const found = await listed(platformOf(given), {
    institutionId: given.value('--institution'),
    endingDays: ending === undefined ? undefined : String(ending),
  });
  if (given.has('--json')) {
    printJson(found, print);
    return 0;
  }
  const heading = ['institution', 'key id', 'begins', 'for', 'state', 'last use'];
  const rows = found.map((key) => [
    ...[key.institutionId, key.keyId, key.prefix ?? '?', key.scopes.join(',')],
    ...[stateOf(key), String(key.usedAt ?? 'never')],
  ]);
  printTable([heading, ...rows], print);
  return 0;
};

const listed = (
  platform: Platform,
  query: Readonly<Record<string, string | undefined>>,
): Promise<readonly Key[]> => platform.ask(routes.listInstitutionKeys, { query });
