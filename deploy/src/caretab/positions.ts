import { chassisRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import type { Command } from './command';
import { addressHelp, addressOptions, platformOf } from './platform';

const POSITIONS_HELP = `caretab positions list <service>     messages that a restored database does not know
caretab positions rewind <service>   have them delivered again
${addressHelp}`;

/** What a restored database forgot of the bus. Runbook: docs/runbooks/after-a-restore.md. */
export const positions: Command = {
  name: 'positions',
  what: 'what a restored database forgot of the bus: list, rewind',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: POSITIONS_HELP,
      values: [...addressOptions],
      positionalsMax: 2,
    });
    const [verb, service] = given.positionals;
    if (verb === undefined || service === undefined)
      throw given.wrong('It takes a verb and a service, such as: positions list payment');
    if (verb !== 'list' && verb !== 'rewind') throw given.wrong(`There is no verb ${verb}`);
    const input = { params: { service } };
    const platform = platformOf(given);
    const found =
      verb === 'list'
        ? (await platform.ask(chassisRoutes.listPositions, input)).forgotten
        : (await platform.ask(chassisRoutes.rewind, input)).rewound;
    for (const { group, topic, partition, committed, handled, gone } of found)
      print(
        `${group}  ${topic}/${partition}  bus ${committed}  database ${handled}  ` +
          `${gone} no longer kept`,
      );
    print(verb === 'list' ? `${found.length} partitions differ` : `${found.length} rewound`);
    return verb === 'list' && found.length > 0 ? 1 : 0;
  },
};
