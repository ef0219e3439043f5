import { CONNECT_TIMEOUT_MS, type Place, SteadyClient } from './migrate';

export type Query = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Reads a database as who migrates it would, before that: nothing of ours need be there. */
export const lookAt = async <Result>(
  { url, ownerUrl }: Place & { readonly ownerUrl?: string | undefined },
  work: (query: Query) => Promise<Result>,
): Promise<Result> => {
  const client = new SteadyClient({
    connectionString: ownerUrl ?? url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    await client.query('set default_transaction_read_only to on');
    return await work(async <Row>(text: string, values: readonly unknown[] = []) => {
      return (await client.query(text, [...values])).rows as Row[];
    });
  } finally {
    await client.end();
  }
};
