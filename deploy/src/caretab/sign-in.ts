import { CommandLine } from '@caretab/command-line';
import type { Command } from './command';
import { signInAs, signOut } from './credential';
import { addressHelp, addressOptions, urlOf } from './platform';
import { secretsAsked } from './secrets-asked';

const HELP = `caretab sign-in --as NAME   sign in with password and one-time code, for a shift

They are asked for on the terminal, without an echo. A script sends them to the
standard input, a line each. The other commands then ask as this person, until
sign-out; OPERATOR_KEY counts no more.

${addressHelp}
  CARETAB_CONFIG   environment variable: the folder that keeps who signed in
                   (default ~/.config/caretab)`;

const OUT_HELP = `caretab sign-out   end what was signed in with, here and at the issuer: services refuse
                   its tokens within seconds

  CARETAB_CONFIG   environment variable: the folder that keeps who signed in`;

/** A person at the command line. Runbook: docs/runbooks/staff.md. */
export const signIn: Command = {
  name: 'sign-in',
  what: 'sign in with password and one-time code',
  run: async (args, print) => {
    const given = new CommandLine(args, { help: HELP, values: ['--as', ...addressOptions] });
    const subjectId = given.value('--as');
    if (subjectId === undefined) throw given.wrong('It needs --as and a name');
    const url = urlOf(given);
    const [password = '', code = ''] = await secretsAsked(['password', 'one-time code']);
    await signInAs(url, subjectId, { password, code });
    print(`signed in as ${subjectId} at ${url}, for a shift or until caretab sign-out`);
    return 0;
  },
};

export const signOutCommand: Command = {
  name: 'sign-out',
  what: 'end it, here and at the issuer',
  run: async (args, print) => {
    new CommandLine(args, { help: OUT_HELP });
    const ended = await signOut();
    print(ended ? `${ended.subjectId} is signed out` : 'no one is signed in here');
    return 0;
  },
};
