import { gatewayRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, printJson, printTable } from './command';
import { addressHelp, addressOptions, platformOf } from './platform';

const HELP = `caretab quarantine list            refused messages of hospitals with their reasons, newest first
caretab quarantine show <id>       one with its content, which holds personal data
caretab quarantine replay <id>     take it again as it was: right where the cause was outside
caretab quarantine discard <id>    give it up; needs --why
  --status S     list: open (default), replayed or discarded
  --why TEXT     discard: the reason, which is kept
${addressHelp}
  --json         list: for other programs`;

/** Refused messages of hospitals: list, show, replay, discard. Runbook: docs/runbooks/quarantine.md. */
export const quarantine: Command = {
  name: 'quarantine',
  what: 'refused messages of hospitals: list, show, replay, discard',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: ['--status', '--why', ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, id] = given.positionals;
    const platform = platformOf(given);
    if (verb === 'list') {
      const status = given.oneOf('--status', ['open', 'replayed', 'discarded']);
      const entries = await platform.ask(gatewayRoutes.listQuarantine, { query: { status } });
      if (given.has('--json')) printJson(entries, print);
      else
        printTable(
          [
            ['id', 'institution', 'door', 'reason', 'field', 'last seen'],
            ...entries.map((entry) => [
              entry.id,
              entry.institutionId ?? '',
              entry.door,
              entry.reason,
              entry.faults[0]?.field ?? '',
              String(entry.lastSeenAt),
            ]),
          ],
          print,
        );
      return 0;
    }
    if (verb === undefined || id === undefined)
      throw given.wrong('It takes list, or a verb and the id of an entry');
    const params = { id };
    if (verb === 'show')
      printJson(await platform.ask(gatewayRoutes.showQuarantined, { params }), print);
    else if (verb === 'replay')
      printJson(await platform.ask(gatewayRoutes.replayQuarantined, { params }), print);
    else if (verb === 'discard') {
      const why = given.value('--why');
      if (why === undefined) throw given.wrong('discard needs --why');
      const answer = await platform.ask(gatewayRoutes.discardQuarantined, {
        params,
        body: { why },
      });
      printJson(answer, print);
    } else throw given.wrong(`There is no verb ${verb}`);
    return 0;
  },
};
