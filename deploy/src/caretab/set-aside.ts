import { visitLedgerRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

const HELP = `caretab set-aside list              visits whose log holds what we did not write, or misses what we did;
                                    status 1 while there are any
caretab set-aside resume <visitId>  the visit goes on: in its restored stream, or in a new one; needs --reason
  --reason TEXT      why it may go on so; kept in the log
  --leaves-out N,N   revisions that it goes on without, all of them; a restored stream needs none
${addressHelp}`;

/** Visits that are set aside: list and resume. Runbook: docs/runbooks/set-aside.md. */
export const setAside: Command = {
  name: 'set-aside',
  what: 'visits whose log cannot be used: list, resume',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      values: ['--reason', '--leaves-out', ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, visitId] = given.positionals;
    if (verb === 'list') return list(platformOf(given), print);
    if (verb !== 'resume') throw given.wrong('It takes list or resume');
    const reason = given.value('--reason');
    if (visitId === undefined || reason === undefined)
      throw given.wrong('resume needs a visit and --reason');
    const leavesOut = (given.value('--leaves-out') ?? '').split(',').filter(Boolean).map(Number);
    if (!leavesOut.every((revision) => Number.isSafeInteger(revision) && revision >= 0))
      throw given.wrong('--leaves-out takes revisions, such as 4,5');
    const resumed = await platformOf(given).ask(visitLedgerRoutes.resume, {
      params: { visitId },
      body: { reason, leavesOut },
    });
    printJson(resumed, print);
    return 0;
  },
};

/** All pages; status 1 while a visit stands aside. */
const list = async (platform: Platform, print: Print): Promise<number> => {
  let after: string | undefined;
  let standing = 0;
  do {
    const page = await platform.ask(visitLedgerRoutes.listSetAside, { query: { after } });
    for (const { visitId, kind, revision, foundAt, continuedIn } of page.setAside) {
      if (continuedIn === null) standing += 1;
      print(
        `${visitId}  event ${revision} ${kind}  ${String(foundAt)}  ` +
          (continuedIn === null ? 'set aside' : `goes on in ${continuedIn}`),
      );
    }
    after = page.next;
  } while (after !== undefined);
  print(`${standing} visits are set aside`);
  return standing > 0 ? 1 : 0;
};
