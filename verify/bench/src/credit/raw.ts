import { Client } from 'pg';

/** How long each way is measured. */
const RAW_MS = 2_000;
const CLIENTS = [1, 8];
const HOLD_FEN = 1;

/** Conditional updates a second, each durable by itself, on one line and on many. */
export interface RawLines {
  readonly hot: number;
  readonly cold: number;
}

const UPDATE = {
  name: 'hold',
  text: `update bench_raw.account set held_fen = held_fen + $2, entry_count = entry_count + 1
    where account_person_id = $1 and status = 'open' and frozen_reason is null
      and line_fen - held_fen - outstanding_fen >= $2`,
};

const updating = async (clients: readonly Client[], ids: readonly string[]): Promise<number> => {
  const untilMs = performance.now() + RAW_MS;
  let [updates, next] = [0, 0];
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < untilMs) {
        const id = ids[(next += 1) % ids.length];
        const { rowCount } = await client.query({ ...UPDATE, values: [id, HOLD_FEN] });
        updates += rowCount ?? 0;
      }
    }),
  );
  return Math.round((updates * 1000) / RAW_MS);
};

/** Ask when the service has stopped: what PostgreSQL does at most of one line, and of many. */
export const rawLines = async (of: Client): Promise<RawLines> => {
  await of.query('create schema bench_raw');
  await of.query('create table bench_raw.account (like credit.account including all)');
  await of.query('insert into bench_raw.account select * from credit.account');
  await of.query('update bench_raw.account set held_fen = 0, outstanding_fen = 0');
  const { rows } = await of.query<{ id: string }>(
    'select account_person_id as id from bench_raw.account order by account_person_id',
  );
  const ids = rows.map(({ id }) => id);
  const { host, port, user, password, database } = of as Required<
    Pick<Client, 'host' | 'port' | 'user' | 'password' | 'database'>
  >;
  let best: RawLines = { hot: 0, cold: 0 };
  for (const count of CLIENTS) {
    const clients = Array.from(
      { length: count },
      () => new Client({ host, port, user, password, database }),
    );
    await Promise.all(clients.map((client) => client.connect()));
    const hot = Math.max(best.hot, await updating(clients, ids.slice(0, 1)));
    best = { hot, cold: Math.max(best.cold, await updating(clients, ids)) };
    await Promise.all(clients.map((client) => client.end()));
  }
  return best;
};
