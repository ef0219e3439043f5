import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningSite } from '../cluster/site-file';
import { DATA } from '../launch/data-folder';

/** Whether only this machine can be meant. */
const isHere = (url: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);

/** The folder of `npm start`, or of a cluster that runs. */
export const dataDir = (): string => {
  const given = process.env['CARETAB_DATA'];
  if (given) return given;
  const cluster = join(DATA, 'cluster');
  return runningSite(cluster) ? cluster : DATA;
};

/**
 * The operators' key of the platform at this address: OPERATOR_KEY, or for a platform on this machine
 * the one that its first start left in its data folder, for its owner alone.
 */
export const operatorKeyFor = (url: string): string | undefined => {
  const given = process.env['OPERATOR_KEY'];
  if (given) return given;
  const file = join(dataDir(), 'secrets.json');
  if (!isHere(url) || !existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly OPERATOR_KEY?: string })
    .OPERATOR_KEY;
};
