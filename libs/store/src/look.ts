import { connectRefused } from './connect-refused';
import { CONNECT_TIMEOUT_MS, DATABASE, OWNER, type Place, SteadyClient } from './migrate';

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
  const setting = ownerUrl === undefined ? DATABASE : OWNER;
  await client.connect().catch((error: unknown) => {
    throw connectRefused(error, { url: ownerUrl ?? url, setting });
  });
  try {
    // Of the transaction alone: behind a pooler the session may go on with another client.
    await client.query('begin transaction read only');
    return await work(async <Row>(text: string, values: readonly unknown[] = []) => {
      return (await client.query(text, [...values])).rows as Row[];
    });
  } finally {
    await client.end();
  }
};
