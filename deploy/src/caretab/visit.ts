import { edgeRoutes, visitLedgerRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, printJson, printTable } from './command';
import { addressHelp, addressOptions, platformOf } from './platform';

const HELP = `caretab visit <visitId> [options]    how a visit stands
  --history      every event with its time, cause and the hospital's own message
  --proof        verify the visit's chain from its first event; status 1 if it is not intact
${addressHelp}
  --json         for other programs`;

/** One visit: its state, its history, or the proof of its chain. */
export const visit: Command = {
  name: 'visit',
  what: 'how a visit stands, its history, or the proof of its chain',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--history', '--proof', '--json'],
      values: addressOptions,
      positionalsMax: 1,
    });
    const [visitId] = given.positionals;
    if (visitId === undefined) throw given.wrong('Which visit? It takes a visitId');
    const platform = platformOf(given);
    const params = { visitId };

    if (given.has('--proof')) {
      const proof = await platform.ask(visitLedgerRoutes.proof, { params });
      printJson(proof, print);
      return proof.intact ? 0 : 1;
    }
    if (given.has('--history')) {
      const history = await platform.ask(edgeRoutes.visitHistory, { params });
      if (given.has('--json')) printJson(history, print);
      else
        printTable(
          [
            ['revision', 'recorded', 'event', 'source'],
            ...history.events.map(({ revision, recordedAt, type, source }) => [
              String(revision),
              String(recordedAt),
              type,
              source ?? '',
            ]),
          ],
          print,
        );
      return 0;
    }
    const state = await platform.ask(edgeRoutes.showVisit, { params });
    if (given.has('--json')) printJson(state, print);
    else
      printTable(
        [
          ['fact', 'value'],
          ...Object.entries(state).map(([name, value]) => [
            name,
            typeof value === 'string' ? value : JSON.stringify(value),
          ]),
        ],
        print,
      );
    return 0;
  },
};
