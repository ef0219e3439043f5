import { randomBytes } from 'node:crypto';
import { pause } from '@caretab/hospital';
import { Client } from 'pg';
import { databaseUrlOf } from '@caretab/deploy';
import type { Fault } from './faults';
import type { Strike } from './strike';
import type { SupervisedPlatform } from './supervised-platform';

/** What other hands than the ledger's do to its log and its setting. */

const EVENTS = 'visit_ledger_events';
const ROLE = 'caretab_ledger_app';
const KEYS = 'VISIT_LEDGER_EVENT_KEYS';
const KEY_BYTES = 32;
const TIMEOUT_MS = 120_000;
const AGAIN_MS = 300;

/** Every append function: the release before signing calls another one. */
const APPEND = `all functions in schema ${EVENTS}`;
const READ = `select on ${EVENTS}.events`;

/**
 * Beside the lines; tried until it is done, since the server may be away for another fault. Twice
 * must be as once: the answer may be lost.
 */
export const onceIn = async <Row extends object>(
  url: string,
  sql: string,
  values?: readonly unknown[],
  timeoutMs = TIMEOUT_MS,
): Promise<Row[]> => {
  for (const giveUpAt = performance.now() + timeoutMs; ; await pause(AGAIN_MS)) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(sql, values && [...values])).rows;
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
};

/**
 * The right to append, or to read. A process of the ledger that starts meanwhile gives it back: it
 * migrates its store.
 */
export const loseRight = (
  { postgresUrl, instances }: SupervisedPlatform,
  { lot }: Fault,
): Strike => {
  const url = databaseUrlOf(postgresUrl, 'visit-ledger');
  const toAppend = lot < 0.5;
  const right = toAppend ? `execute on ${APPEND}` : READ;
  return {
    what: `the ledger loses the right to ${toAppend ? 'append' : 'read'}`,
    struck: instances.filter(({ service }) => service === 'visit-ledger').map(({ name }) => name),
    target: 'rights of the ledger',
    begin: async () => (await onceIn(url, `revoke ${right} from ${ROLE}`), true),
    end: async () => void (await onceIn(url, `grant ${right} to ${ROLE}`)),
  };
};

/** The keys with another key under each id. */
export const otherKeys = (text: string): string => {
  const { keys, ...rest } = JSON.parse(text) as { readonly keys: Record<string, string> };
  const others = Object.keys(keys).map((id) => [id, randomBytes(KEY_BYTES).toString('base64')]);
  return JSON.stringify({ ...rest, keys: Object.fromEntries(others) });
};

/** One process of the ledger is restarted with another key under the same id. */
export const wrongKey = ({ supervisor, instances }: SupervisedPlatform, { lot }: Fault): Strike => {
  const own = instances.filter(({ service }) => service === 'visit-ledger');
  const { name } = own[Math.floor(lot * own.length)]!;
  return {
    what: `${name} starts with another key under the same id`,
    struck: [name],
    target: name,
    begin: async () => {
      if (!(await supervisor.endByOrder(name, 'SIGTERM'))) return false;
      supervisor.setOther(name, { [KEYS]: otherKeys(supervisor.settingOf(name, KEYS)) });
      supervisor.startAgain(name);
      return true;
    },
    end: async () => {
      supervisor.setOther(name, undefined);
      // One that ended by itself is started again soon, with its own key.
      if (await supervisor.endByOrder(name, 'SIGKILL')) supervisor.startAgain(name);
    },
  };
};
