import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Who signed in here, where, and what with; for its owner alone. */
export interface KeptSignIn {
  readonly subjectId: string;
  /** Where identity answers. */
  readonly url: string;
  readonly accessToken: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** By which further tokens are had for a shift. */
  readonly refreshToken: string;
}

/** A folder of the person; CARETAB_CONFIG names another, as for a second person on one machine. */
const fileOf = (): string => {
  const { CARETAB_CONFIG: given, XDG_CONFIG_HOME: config } = process.env;
  return join(given || join(config || join(homedir(), '.config'), 'caretab'), 'sign-in.json');
};

export const keptSignIn = (): KeptSignIn | undefined => {
  const file = fileOf();
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as KeptSignIn;
};

/** Written beside and renamed: no one else can read it at any moment, and it is never half written. */
export const keepSignIn = (signIn: KeptSignIn): void => {
  const file = fileOf();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  rmSync(beside, { force: true });
  writeFileSync(beside, JSON.stringify(signIn, null, 2), { mode: 0o600, flag: 'wx' });
  renameSync(beside, file);
};

export const forgetSignIn = (): void => rmSync(fileOf(), { force: true });
