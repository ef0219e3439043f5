import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Client } from 'pg';

/** What some work asked of PostgreSQL. */
export interface CountedWork {
  /** Statements in their order, the beginnings and ends of transactions among them. */
  readonly statements: readonly string[];
  /** Transactions that ended well; a statement outside of one is one. */
  readonly commits: number;
  /** Rows that its statements looked at, by index or by reading whole tables. */
  readonly rowsRead: number;
}

interface Closable {
  close(): Promise<void>;
}

/** Work on a database that nothing else uses. */
export interface WorkToCount<Opened extends Closable> {
  readonly url: string;
  readonly open: (url: string) => Promise<Opened>;
  readonly given: (opened: Opened) => Promise<unknown>;
  readonly work: (opened: Opened) => Promise<unknown>;
}

/**
 * Counts what `work` asks of a database after `given` has prepared it. Both have an opened store of
 * their own: PostgreSQL says what a session read once that session has ended.
 */
export const countedWork = async <Opened extends Closable>({
  url,
  open,
  given,
  work,
}: WorkToCount<Opened>): Promise<CountedWork> => {
  const prepared = await open(url);
  await given(prepared);
  await prepared.close();
  const rowsBefore = await rowsReadIn(url);
  const tap = await tapOn(url);
  const opened = await open(tap.url);
  const from = tap.texts.length;
  await work(opened);
  const statements = tap.texts.slice(from);
  await opened.close();
  const rowsRead = (await rowsReadIn(url)) - rowsBefore;
  await tap.close();
  return { statements, commits: commitsIn(statements), rowsRead };
};

const commitsIn = (texts: readonly string[]): number => {
  let commits = 0;
  let isOpen = false;
  for (const text of texts) {
    if (/^(begin|start transaction)/i.test(text)) isOpen = true;
    else if (/^(commit|rollback)/i.test(text)) {
      if (/^commit/i.test(text)) commits += 1;
      isOpen = false;
    } else if (!isOpen) commits += 1;
  }
  return commits;
};

/** Of all tables but the list of migrations, which every opening reads. */
const rowsReadIn = async (url: string): Promise<number> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ others: number }>(
        `select count(*)::int as others from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      );
      if (rows[0]!.others === 0) break;
      await sleep(20);
    }
    const { rows } = await client.query<{ read: number }>(
      `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int as read
       from pg_stat_user_tables where relname <> 'migrations'`,
    );
    return rows[0]!.read;
  } finally {
    await client.end();
  }
};

/** What is asked for each connection is no work: how many there are is the pool's affair. */
const OF_CONNECTION = /^\s*(select pg_backend_pid\(\) as pid, coalesce|discard plans)/;

/** A way to the server that remembers the statements which pass. */
const tapOn = async (url: string) => {
  const { hostname, port } = new URL(url);
  const texts: string[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) });
    const read = statementReader((text) => {
      if (!OF_CONNECTION.test(text)) texts.push(text);
    });
    client.on('data', read);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    texts,
    url: Object.assign(new URL(url), {
      host: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    }).href,
    close: async (): Promise<void> => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => listener.close(resolve));
    },
  };
};

const [QUERY, PARSE, BIND, EXECUTE] = ['Q', 'P', 'B', 'E'];
const HEAD_BYTES = 5;

/**
 * Reads what a client sends (PostgreSQL's protocol 3): one start-up message without a type, then
 * messages of a type, a length that counts itself, and a body. A statement is a simple query, or
 * the execution of one that was parsed.
 */
const statementReader = (found: (text: string) => void): ((chunk: Buffer) => void) => {
  const parsed = new Map<string, string>();
  let bound = '';
  let rest = Buffer.alloc(0);
  let isStarted = false;
  const take = (type: string, body: Buffer): void => {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2);
    if (type === QUERY) found(first.trim());
    else if (type === PARSE) parsed.set(first, second.trim());
    else if (type === BIND) bound = second;
    else if (type === EXECUTE) found(parsed.get(bound) ?? '');
  };
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const headBytes = isStarted ? HEAD_BYTES : HEAD_BYTES - 1;
      if (rest.length < headBytes) return;
      const end = headBytes - 4 + rest.readInt32BE(headBytes - 4);
      if (rest.length < end) return;
      if (isStarted) take(String.fromCharCode(rest[0]!), rest.subarray(headBytes, end));
      isStarted = true;
      rest = rest.subarray(end);
    }
  };
};
