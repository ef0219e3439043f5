import { signInRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson, printTable } from './command';
import {
  addressHelp,
  addressOptions,
  approvalHelp,
  approvalOptions,
  type Platform,
  platformOf,
  Refused,
} from './platform';

const HELP = `caretab staff list               who may sign in: roles, and whether with a password
caretab staff add <name> --role ROLE      register someone; a name in small letters, as records show it
caretab staff roles <name> --role ROLE    give other roles: these alone, and tokens of before end
caretab staff sign-in <name>              a new password and one-time codes, shown this once
caretab staff end <name>                  end what it signs in with, its sessions and its tokens
  --role ROLE    several times for several: SystemAdmin, or with what it is for:
                 Desk,institution=HZ001   Cashier,institution=HZ001,shift=early
${approvalHelp}
${addressHelp}
  --json         list: for other programs`;

const VERBS = ['add', 'roles', 'sign-in', 'end'] as const;
type Verb = (typeof VERBS)[number];

/** Who may sign in; for the security administrator. Runbook: docs/runbooks/staff.md. */
export const staff: Command = {
  name: 'staff',
  what: 'who may sign in: list, add, roles, sign-in, end',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: ['--role', ...approvalOptions, ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, subjectId] = given.positionals;
    if (verb === undefined) throw given.wrong('It takes a verb, such as: staff list');
    const platform = platformOf(given);
    if (verb === 'list') return list(platform, given, print);
    const known = VERBS.find((each) => each === verb);
    if (!known) throw given.wrong(`There is no verb ${verb}`);
    if (subjectId === undefined) throw given.wrong(`${verb} takes the name of a subject`);
    return does[known]({ platform, given, subjectId, print });
  },
};

interface Asked {
  readonly platform: Platform;
  readonly given: CommandLine;
  readonly subjectId: string;
  readonly print: Print;
}

type Subject = RouteAnswer<typeof routes.listSubjects>[number];

/** `Desk,institution=HZ001` as the platform takes it. */
const roleOf = (text: string, given: CommandLine): Record<string, string> => {
  const [kind = '', ...attributes] = text.split(',');
  const pairs = attributes.map((each) => /^([a-z]+)=(.+)$/.exec(each));
  if (!/^[A-Za-z]+$/.test(kind) || pairs.includes(null))
    throw given.wrong(`--role takes a kind, or Desk,institution=HZ001; not ${text}`);
  return { kind, ...Object.fromEntries(pairs.map((pair) => [pair![1], pair![2]])) };
};

const textOf = ({ kind, ...attributes }: Readonly<Record<string, unknown>>): string =>
  [
    String(kind),
    ...Object.entries(attributes).map(([name, value]) => `${name}=${String(value)}`),
  ].join(',');

const subjects = (platform: Platform): Promise<readonly Subject[]> =>
  platform.ask(routes.listSubjects);

const isThere = async ({ platform, subjectId }: Asked): Promise<boolean> =>
  (await subjects(platform)).some((each) => each.subjectId === subjectId && !each.removedAt);

const put = async ({ platform, given, subjectId, print }: Asked): Promise<number> => {
  const roles = given.all('--role').map((text) => roleOf(text, given));
  if (roles.length === 0) throw given.wrong('It needs --role');
  const params = { subjectId };
  const approval = given.value('--approval');
  printJson(await platform.ask(routes.putSubject, { params, body: { roles }, approval }), print);
  return 0;
};

const does: Readonly<Record<Verb, (asked: Asked) => Promise<number>>> = {
  add: async (asked) => {
    if (await isThere(asked))
      throw new Refused(`${asked.subjectId} is registered: caretab staff roles gives it others`);
    return put(asked);
  },
  roles: async (asked) => {
    if (!(await isThere(asked)))
      throw new Refused(`${asked.subjectId} is not registered: caretab staff add`);
    return put(asked);
  },
  'sign-in': async ({ platform, given, subjectId, print }) => {
    const input = { params: { subjectId }, approval: given.value('--approval') };
    printJson(await platform.ask(routes.renewSignIn, input), print);
    return 0;
  },
  end: async ({ platform, subjectId, print }) => {
    await platform.ask(routes.removeSubject, { params: { subjectId } });
    print(`${subjectId} has ended, with its sessions and tokens`);
    return 0;
  },
};

const list = async (platform: Platform, given: CommandLine, print: Print): Promise<number> => {
  const found = await subjects(platform);
  if (given.has('--json')) {
    printJson(found, print);
    return 0;
  }
  const stateOf = ({ removedAt, hasPassword, keys }: Subject): string => {
    if (removedAt !== undefined) return `ended ${String(removedAt)}`;
    return [...(hasPassword ? ['password'] : []), ...keys.map(() => 'key')].join(',') || 'nothing';
  };
  printTable(
    [
      ['name', 'roles', 'signs in with'],
      ...found.map((each) => [
        ...[each.subjectId, each.roles.map(textOf).join(' '), stateOf(each)],
      ]),
    ],
    print,
  );
  return 0;
};
