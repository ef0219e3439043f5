import { CannotStart } from '@caretab/kernel';
import type { ClientBase } from 'pg';
import { holdSettings, proveSessions, startupOptions } from './session';

const SETTINGS = { role: 'ledger', default_transaction_isolation: 'read committed' };

/** A session of the server: what it was set to, and whether someone is in a transaction in it. */
interface Session {
  readonly pid: number;
  readonly settings: Map<string, string>;
  takenBy?: object | undefined;
}

/** PostgreSQL behind a pooler, which remembers who has which session. */
class Pooled {
  private readonly sessions: Session[] = [];

  constructor(
    private readonly mode: 'session' | 'transaction' | 'forgetful',
    private readonly asked: Readonly<Record<string, string>> = {},
  ) {}

  client(): ClientBase {
    const me = {};
    return { query: (text: string, values?: string[][]) => this.query(me, text, values) } as never;
  }

  private query(me: object, text: string, values: string[][] = []): Promise<unknown> {
    const session = this.sessions.find(({ takenBy }) => takenBy === me) ?? this.free();
    session.takenBy = this.mode === 'session' || text === 'begin' ? me : session.takenBy;
    if (text === 'rollback' && this.mode !== 'session') session.takenBy = undefined;
    const [names = [], wanted = []] = values;
    if (text.includes('set_config') && this.mode !== 'forgetful')
      names.forEach((name, at) => session.settings.set(name, wanted[at]!));
    const lost = names.filter((name, at) => session.settings.get(name) !== wanted[at]);
    return Promise.resolve({ rows: [{ pid: session.pid, lost }] });
  }

  private free(): Session {
    const known = this.sessions.find(({ takenBy }) => takenBy === undefined);
    if (known) return known;
    const made = {
      pid: this.sessions.length + 1,
      settings: new Map(Object.entries(this.asked)),
    };
    this.sessions.push(made);
    return made;
  }
}

test('a value with a space or a backslash is one setting of a connection', () =>
  expect(startupOptions({ a: 'read committed', b: 'x\\y' })).toBe(
    '-c a=read\\ committed -c b=x\\\\y',
  ));

test('a session that holds its settings is left as it is', async () => {
  const asked: string[] = [];
  const client = new Pooled('session', SETTINGS).client();
  const query = client.query.bind(client) as (text: string) => unknown;
  client.query = ((text: string, values: never) => (
    asked.push(text),
    (query as (...all: unknown[]) => unknown)(text, values)
  )) as never;
  await holdSettings(SETTINGS, 'DATABASE_URL')(client);
  expect(asked).toHaveLength(1);
});

test('what a pooler that keeps sessions has swallowed is set again', async () => {
  const client = new Pooled('session').client();
  await holdSettings(SETTINGS, 'DATABASE_URL')(client);
  await holdSettings(SETTINGS, 'DATABASE_URL')(client);
});

test('a setting that does not stay is named, with the variable that leads there', async () => {
  const refusal = holdSettings(SETTINGS, 'DATABASE_URL')(new Pooled('forgetful').client());
  await expect(refusal).rejects.toThrow(CannotStart);
  await expect(refusal).rejects.toThrow(/^DATABASE_URL leads to a pooler .* drops role, default_/);
});

test('two connections that share a session of the server are behind a pooler in transaction mode', async () => {
  const pooled = new Pooled('transaction');
  const proof = proveSessions(pooled.client(), pooled.client(), 'BUS_DATABASE_URL');
  await expect(proof).rejects.toThrow(/^BUS_DATABASE_URL leads to a pooler .*pool_mode = session/);
});

test('two connections with a session each are let through', async () => {
  const pooled = new Pooled('session');
  await proveSessions(pooled.client(), pooled.client(), 'DATABASE_URL');
});
