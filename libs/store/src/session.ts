import { CannotStart } from '@caretab/kernel';
import type { ClientBase } from 'pg';

/** What must hold in every session of a pool, as `pg_settings` has it. */
export type SessionSettings = Readonly<Record<string, string>>;

/** As a connection asks for them at its beginning. */
export const startupOptions = (settings: SessionSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ');

const HELD = `
  select pg_backend_pid() as pid, coalesce(array_agg(n) filter (
    where coalesce(s.setting, current_setting(n, true)) is distinct from v
  ), '{}') as lost
  from unnest($1::text[], $2::text[]) as u(n, v) left join pg_settings s on s.name = u.n`;
const SET = `
  select pg_backend_pid() as pid, count(set_config(n, v, false))
  from unnest($1::text[], $2::text[]) as u(n, v)`;

interface Held {
  readonly pid: number;
  readonly lost: readonly string[];
}

/**
 * Run on each new connection: reads the settings back. A pooler may have swallowed what a connection
 * asks for at its beginning; they are set then, and read again. Throws CannotStart where they do not
 * stay: the sessions behind the pooler are not ours.
 */
export const holdSettings =
  (settings: SessionSettings, setting: string) =>
  async (client: ClientBase): Promise<void> => {
    const asked = [Object.keys(settings), Object.values(settings)];
    const held = async (): Promise<Held> => (await client.query<Held>(HELD, asked)).rows[0]!;
    if ((await held()).lost.length === 0) return;
    const { rows } = await client.query<{ pid: number }>(SET, asked);
    const after = await held();
    if (after.lost.length > 0) throw changesSessions(setting, after.lost);
    if (after.pid !== rows[0]!.pid) throw changesSessions(setting, []);
  };

const ROUNDS = 5;

/**
 * Two connections at once have two sessions of the server. In transaction mode a pooler gives the
 * second the session of the first, or the first another one meanwhile. Throws CannotStart then.
 */
export const proveSessions = async (
  first: ClientBase,
  second: ClientBase,
  setting: string,
): Promise<void> => {
  const pidOf = async (client: ClientBase): Promise<number> =>
    (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await pidOf(first);
    await second.query('begin');
    const other = await pidOf(second);
    const after = await pidOf(first);
    await second.query('rollback');
    if (before !== after || before === other) throw changesSessions(setting, []);
  }
};

export const POOLER_REMEDY =
  'in pgbouncer.ini set pool_mode = session and ignore_startup_parameters = options, ' +
  'or name the address of PostgreSQL itself';

const changesSessions = (setting: string, lost: readonly string[]): CannotStart =>
  new CannotStart(
    `${setting} leads to a pooler that changes the session between statements (PgBouncer in ` +
      `transaction mode does)${lost.length > 0 ? `, and drops ${lost.join(', ')}` : ''}: ` +
      POOLER_REMEDY,
  );
