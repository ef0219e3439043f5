import { randomBytes } from 'node:crypto';
import { assert } from '@caretab/kernel';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Removes it, open connections included. */
  drop(): Promise<void>;
}

/**
 * A fresh, empty database: on the server at TEST_DATABASE_URL, or on the embedded one that the
 * global setup starts when the first test asks for it.
 */
export const testDatabase = async (): Promise<TestDatabase> => {
  const server = await serverUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
};

const serverUrl = async (): Promise<string> => {
  const known = process.env.TEST_DATABASE_URL;
  if (known) return known;
  const starter = process.env.TEST_DATABASE_STARTER_URL;
  assert(
    starter,
    'integration tests run under the global setup (jest.config.js), or with TEST_DATABASE_URL',
  );
  const response = await fetch(starter);
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  process.env.TEST_DATABASE_URL = answer;
  return answer;
};

const onServer = async (serverUrl: string, statement: string): Promise<void> => {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};
