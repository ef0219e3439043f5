import { Client } from 'pg';

/**
 * Durable single-row inserts per second, a commit each, by so many clients at once: for each number
 * of clients `forMs`. Adds a table and drops it.
 */
export const rawRows = async (
  url: string,
  {
    clients,
    bytes,
    forMs,
  }: { readonly clients: readonly number[]; readonly bytes: number; readonly forMs: number },
): Promise<number[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('create table bench_raw (id bigserial primary key, text text not null)');
    // As it is inserted: what repeats itself would be compressed.
    await client.query('alter table bench_raw alter column text set storage external');
    await client.query('checkpoint');
    const rates: number[] = [];
    for (const count of clients) rates.push(await inserting(url, count, { bytes, forMs }));
    return rates;
  } finally {
    await client.query('drop table if exists bench_raw');
    await client.end();
  }
};

const inserting = async (
  url: string,
  clients: number,
  { bytes, forMs }: { readonly bytes: number; readonly forMs: number },
): Promise<number> => {
  const text = 'x'.repeat(bytes);
  const opened = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const endsAtMs = performance.now() + forMs;
  const counts = await Promise.all(
    opened.map(async (client) => {
      let count = 0;
      for (; performance.now() < endsAtMs; count += 1)
        await client.query('insert into bench_raw (text) values ($1)', [text]);
      await client.end();
      return count;
    }),
  );
  return Math.round((counts.reduce((sum, count) => sum + count, 0) * 1000) / forMs);
};
