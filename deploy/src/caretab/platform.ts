import type { CommandLine } from '@caretab/command-line';
import { credentialFor } from './credential';
import { Platform } from './platform-client';

export { type Input, Platform, Refused } from './platform-client';

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Options of every command that asks a running platform. */
export const addressOptions = ['--url'] as const;
export const addressHelp = `  --url URL      address of the platform, or of one service
                 (default ${DEFAULT_URL}, or CARETAB_URL)
  OPERATOR_KEY   environment variable with the operators' key, where no one signed in
                 (caretab sign-in); of a platform on this machine it is read from
                 its data folder (CARETAB_DATA)`;

/** Of commands that need two persons: the first time without it, and then with the id that is named. */
export const approvalOptions = ['--approval'] as const;
export const approvalHelp = `  --approval ID  the approval that another person gave to this very command; without
                 it one is asked for (caretab approvals)`;

/** Every address that the command line names, else the one of the environment or the default. */
const urlsOf = (given: CommandLine): readonly string[] => {
  const urls = given.all('--url');
  const asked = urls.length > 0 ? urls : [process.env['CARETAB_URL'] ?? DEFAULT_URL];
  for (const url of asked)
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw given.wrong(`--url takes an address such as ${DEFAULT_URL}, not ${url}`);
  return asked;
};

/** With several addresses, the last. */
export const urlOf = (given: CommandLine): string => urlsOf(given).at(-1)!;

export const platformsOf = (given: CommandLine): readonly Platform[] =>
  urlsOf(given).map((url) => new Platform(url, () => credentialFor(url)));

/** The platform that the command line names; with several addresses, the last. */
export const platformOf = (given: CommandLine): Platform => platformsOf(given).at(-1)!;
