import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Binaries,
  canEnter,
  findBinaries,
  serverEnvironment,
  type ServerUser,
  sharedFolder,
  unprivilegedUser,
} from './embedded-binaries';

export const USER = 'caretab';
const LOG_LINES_SHOWN = 3;

export interface Site {
  readonly dataDir: string;
  /** The real path of the cluster: a folder in dataDir, or where its link leads. */
  readonly cluster: string;
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
  readonly log: (line: string) => void;
}

export const makeDataDir = async (dataDir: string): Promise<void> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await writeFile(join(dataDir, '.writable'), '');
    await rm(join(dataDir, '.writable'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `Cannot write to the data folder ${dataDir} (${code}): give this user the right to, or choose another folder.`,
      { cause: error },
    );
  }
};

/** An existing cluster runs as the user who owns it, so that root and its creator can alternate. */
export const prepare = async (dataDir: string, log: (line: string) => void): Promise<Site> => {
  const cluster = join(dataDir, 'cluster');
  const owner = existsSync(cluster) ? statSync(cluster) : undefined;
  const us = process.getuid?.();
  if (owner && us !== undefined && us !== 0 && owner.uid !== us) {
    throw new Error(
      `The data folder ${dataDir} belongs to another user (${owner.uid}): start as ` +
        'that user or as root, or choose another folder.',
    );
  }
  const user =
    us === 0 && owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : unprivilegedUser();
  return { dataDir, cluster, user, log, binaries: await findBinaries(user, log) };
};

export const readPassword = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'password');
  if (!existsSync(file)) {
    if (existsSync(join(dataDir, 'cluster'))) throw broken(dataDir, 'its password file is missing');
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  return (await readFile(file, 'utf8')).trim();
};

const broken = (dataDir: string, why: string): Error =>
  new Error(
    `The data folder ${dataDir} cannot be used (${why}): restore it from a backup, or remove it and start over.`,
  );

export const checkVersion = (dataDir: string, cluster: string, { major }: Binaries): void => {
  const file = join(cluster, 'PG_VERSION');
  if (!existsSync(file) || !existsSync(join(cluster, 'global', 'pg_control')))
    throw broken(dataDir, 'files of the cluster are missing');
  const found = readFileSync(file, 'utf8').trim();
  if (found !== major) {
    const remedy = 'dump it with the old version and restore it into a new folder';
    throw new Error(
      `The data folder ${dataDir} was made by PostgreSQL ${found}, and this is ${major}: ${remedy}.`,
    );
  }
};

/**
 * A folder for the cluster that the server's user can reach; outside dataDir, and linked, when
 * dataDir lies below a closed home.
 */
const makeClusterFolder = async ({ dataDir, user, log }: Site): Promise<string> => {
  const inside = join(dataDir, 'cluster.new');
  await rm(inside, { recursive: true, force: true });
  if (user) await chmod(dataDir, 0o711);
  const reachable = canEnter(dataDir, user);
  const folder = reachable ? inside : await mkdtemp(join(await sharedFolder(), 'cluster-'));
  if (!reachable) log(`The database's user cannot enter ${dataDir}; its files lie in ${folder}`);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
};

/**
 * Made aside and then put in place with one rename, so that a killed start never leaves half a
 * cluster.
 */
export const initialize = async (site: Site, password: string, durable: boolean): Promise<void> => {
  const { dataDir, user, binaries, log } = site;
  log('Creating the database cluster');
  if (await lstat(join(dataDir, 'cluster')).catch(() => undefined))
    throw broken(dataDir, 'the link to its cluster leads nowhere');
  const folder = await makeClusterFolder(site);
  const passwordFile = `${folder}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const locale = [
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  const access = [`--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const result = spawnSync(
    join(binaries.folder, 'initdb'),
    ['-D', folder, ...locale, ...access, ...(durable ? [] : ['--no-sync'])],
    {
      ...user,
      cwd: folder,
      env: serverEnvironment,
      encoding: 'utf8',
    },
  );
  await rm(passwordFile, { force: true });
  if (result.status !== 0) {
    await rm(folder, { recursive: true, force: true });
    const why = result.error?.message ?? lastLines(result.stderr);
    throw new Error(
      `PostgreSQL cannot create its cluster in ${dataDir} (${why}): check the folder's rights and the free space.`,
    );
  }
  if (folder.startsWith(dataDir)) await rename(folder, join(dataDir, 'cluster'));
  else await symlink(folder, join(dataDir, 'cluster'));
};

/** What a program said last, on one line. */
export const lastLines = (text: string): string =>
  text.trim().split('\n').slice(-LOG_LINES_SHOWN).join(' | ');
