import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of the embedded default, which that of the cluster lies in. */
export const DATA = resolve(__dirname, '../../../data');

/** What prints the header field by which a platform on this folder knows its operator. */
export const authCommandFor = (dataDir: string): string => {
  const isDefault = [DATA, join(DATA, 'cluster')].includes(resolve(dataDir));
  return `${isDefault ? '' : `CARETAB_DATA=${resolve(dataDir)} `}npm run --silent caretab -- auth`;
};

/** What marks a folder as ours: the secrets are the first thing a start writes. */
const MARK = 'secrets.json';
/** Folders that other programs of ours have below the embedded default's. */
const NEIGHBOURS = ['cluster', 'kafka', 'chaos'];

/**
 * Deletes what a start made in its data folder, and the folder with it unless something else lies
 * there (the data of the cluster and of a local Kafka lie below that of the embedded default).
 * Throws for a folder that is not one of ours.
 */
export const startOver = async (
  dataDir: string,
  ours: readonly string[],
  removeDatabase: (folder: string) => Promise<void>,
): Promise<void> => {
  if (!existsSync(dataDir)) return;
  if (
    !existsSync(join(dataDir, MARK)) &&
    readdirSync(dataDir).some((name) => !NEIGHBOURS.includes(name))
  ) {
    throw new Error(
      `${dataDir} is not a CareTab data folder, so --fresh does not delete it. ` +
        'Choose another with --data DIR, or remove it yourself.',
    );
  }
  await removeDatabase(join(dataDir, 'postgres'));
  // The mark goes last: a deletion that was interrupted can be repeated.
  for (const name of [...ours, MARK]) rmSync(join(dataDir, name), { recursive: true, force: true });
  if (readdirSync(dataDir).length === 0) rmdirSync(dataDir);
};
