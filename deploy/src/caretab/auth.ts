import { CommandLine } from '@caretab/command-line';
import { SERVICES } from '../cluster/topology';
import type { Command } from './command';
import { serviceTokenOf } from './service-token';
import { machineHelp, machineOptions, machineOrPlatformOf } from './machine-key';
import { addressHelp, addressOptions, Refused } from './platform';

const HELP = `caretab auth [options]   the header field by which the platform knows who asks

For other programs:
  curl -H "$(npm run --silent caretab -- auth)" http://127.0.0.1:8080/visit-ledger/trial-balance

  --service NAME   the token of this service instead, good for a minute: for a
                   question that services ask each other (requests.http)
  --asks NAME      the service that is asked
  --for ID         the institution in whose place the gateway asks
${machineHelp}

${addressHelp}`;

/** Who asks, for programs beside this one. */
export const auth: Command = {
  name: 'auth',
  what: 'the header field of who signed in, or of the operator, for curl',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      values: [...addressOptions, ...machineOptions, '--service', '--asks', '--for'],
    });
    const service = given.oneOf('--service', SERVICES);
    if (service) {
      const asked = given.oneOf('--asks', SERVICES);
      if (!asked) throw given.wrong('--service needs --asks');
      print(serviceTokenOf({ service, asked, institution: given.value('--for') }));
      return 0;
    }
    const authorization = await machineOrPlatformOf(given).authorization();
    if (authorization === undefined)
      throw new Refused('no one signed in, and no operators’ key is known here: caretab sign-in');
    print(`Authorization: ${authorization}`);
    return 0;
  },
};
