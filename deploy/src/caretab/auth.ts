import { CommandLine } from '@caretab/command-line';
import type { Command } from './command';
import { addressHelp, addressOptions, platformOf, Refused } from './platform';

const HELP = `caretab auth [options]   the header field by which the platform knows the operator

For other programs:
  curl -H "$(npm run --silent caretab -- auth)" http://127.0.0.1:8080/visit-ledger/trial-balance

${addressHelp}`;

/** Who asks, for programs beside this one. */
export const auth: Command = {
  name: 'auth',
  what: 'the header field of an operator, for curl',
  run: (args, print) => {
    const given = new CommandLine(args, { help: HELP, values: [...addressOptions] });
    const { authorization } = platformOf(given);
    if (authorization === undefined)
      throw new Refused('no operators’ key is known here: set OPERATOR_KEY, or CARETAB_DATA');
    print(`Authorization: ${authorization}`);
    return 0;
  },
};
