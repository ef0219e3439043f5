import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindEngines, boundEngines, enginesAskedFor, enginesOf } from './engines';

const STORE = 'esdb://ledger:secret@events.example:2113?tls=true';
let dataDir: string;
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), 'caretab-engines-'))));
afterEach(() => rmSync(dataDir, { recursive: true }));

test('each new folder has a namespace of its own on an event store of yours, and keeps it', () => {
  const first = boundEngines(dataDir, { EVENTSTORE_URL: STORE }, 'aaaa');
  expect(first).toMatchObject({
    eventStoreNamespace: 'caretab_aaaa',
    eventStore: 'esdb://events.example:2113?tls=true',
  });
  expect(boundEngines(dataDir, { EVENTSTORE_URL: STORE }, 'bbbb')).toEqual(first);
  rmSync(join(dataDir, 'engines.json')); // As --fresh does.
  expect(boundEngines(dataDir, { EVENTSTORE_URL: STORE }, 'bbbb')).toMatchObject({
    eventStoreNamespace: 'caretab_bbbb',
  });
});

test('a folder that was played on one event store is not started on another', () => {
  boundEngines(dataDir, {}, 'aaaa');
  expect(() => boundEngines(dataDir, { EVENTSTORE_URL: STORE }, 'bbbb')).toThrow(
    /created with EVENTSTORE_URL PostgreSQL, and this start has esdb:\/\/events\.example/,
  );
});

test('a folder of before keeps the namespace that it had', () => {
  writeFileSync(join(dataDir, 'secrets.json'), '{}');
  expect(boundEngines(dataDir, { EVENTSTORE_URL: STORE }, 'aaaa')).toMatchObject({
    eventStoreNamespace: 'caretab',
  });
});

test.each([
  ['POSTGRES_URL', { POSTGRES_URL: 'postgres://db.example:6432/' }, false],
  ['the bus on', {}, true],
  ['KAFKA_BROKERS', { KAFKA_BROKERS: 'kafka.example:9092' }, false],
])('a cluster’s folder stays with its engines: %s', (what, env, busOnPostgres) => {
  bindEngines(dataDir, enginesAskedFor({}, 'aaaa', { busOnPostgres: false }));
  expect(() => enginesOf(dataDir, enginesAskedFor(env, 'bbbb', { busOnPostgres }))).toThrow(
    `was created with ${what} its own, and this start has `,
  );
});
