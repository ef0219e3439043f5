import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceTokens, type Subject } from '@caretab/access';
import { signingKeysOf } from '@caretab/deploy';
import { systemClock } from '@caretab/kernel';
import { Client } from 'pg';
import { quantile } from '../charge-record';
import { between, readingOf } from '../lone/reading';
import { type LoneSite, startLone } from '../lone/site';
import { type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { Callers, type Post } from './callers';
import { codeOf, codesOf, fillCodes, holderOf, nonceHashOf } from './codes';
import { faultsOf, searchDuplicates } from './duplicates';
import { labelledSet } from './labelled';
import type { IdentityOptions } from './options';
import {
  fillPersons,
  idNumberOf,
  indexesWith,
  keyHashesWith,
  mobileOf,
  personIdOf,
} from './persons';
import type { IdentityLoad, IdentityResult } from './report';

const WARM_UP_MS = 2_000;
const RAW_MS = 2_000;
const RAW_CONNECTIONS = 6;
const RESOLVERS = [1, 32];
/** Persons of the small run before the large one, and how much slower the large one may be. */
const [FEW, APART_MAX] = [10_000, 0.1];
const REGISTRARS = 16;
const RECORDERS = 4;
/** More than are registered in one run: of two alike one would be similar to the other. */
const STRANGERS = 50_000;
const FAULTS_MAX = 20;
/** Of the labelled set: another seed is another city. */
const SEED = 1;
/** In whose place the gateway asks. */
const HOSPITAL: Subject = {
  id: 'hospital/HZ001',
  roles: [{ kind: 'HospitalSystem', institution: 'HZ001' }],
  hasSecondFactor: false,
};

/** One run. Rejects when it is void before its end. */
export const identity = (options: IdentityOptions, progress: Progress): Promise<IdentityResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: IdentityOptions,
  progress: Progress,
  machine: Machine,
): Promise<IdentityResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const database = await progress.step('PostgreSQL', (update) => machine.database(update, true));
  const { profileDir } = options;
  const site = await progress.step('identity, a process of its own', () =>
    startLone(machine, 'identity', { database, profileDir }),
  );
  const measured = await Promise.race([measureAll(options, progress, site), site.process.died]);
  await site.process.stop(); // Its profile is written when it ends.
  return {
    bench: 'identity',
    ...measured,
    settings: {
      persons: options.persons,
      seconds: options.seconds,
      cores: availableParallelism(),
      node: process.version,
      loadAverage,
    },
  };
};

const measureAll = async (options: IdentityOptions, progress: Progress, site: LoneSite) => {
  const { persons } = options;
  const masterKey = site.secrets['IDENTITY_MASTER_KEY']!;
  const indexOf = indexesWith(masterKey);
  const keyHashesOf = keyHashesWith(masterKey);
  const faults: string[] = [];
  const fill = (from: number, to: number): Promise<void> =>
    progress.step(`${to.toLocaleString('en')} persons by COPY`, () =>
      fillPersons(site.client, { from, to }, { indexOf, keyHashesOf }),
    );
  const rawOf = (connections: number, among = persons): Promise<number> =>
    progress.step(`raw select by ${connections}`, () =>
      selecting(site, connections, (number) => indexOf(idNumberOf(number % among))),
    );
  const resolving = (callers: number, among = persons): Promise<IdentityLoad> =>
    progress.step(`resolve by ${callers} among ${among.toLocaleString('en')}`, () =>
      load({ site, options, what: 'resolve', callers }, (post, turn) =>
        resolve(post, (turn * 7919) % among, faults),
      ),
    );
  const small =
    persons > FEW ? { among: FEW, ...(await amongFew({ fill, rawOf, resolving })) } : undefined;
  await fill(small?.among ?? 0, persons);
  const [rawOne, raw] = [await rawOf(1), await rawOf(RAW_CONNECTIONS)];
  const loads: IdentityLoad[] = [];
  for (const callers of RESOLVERS) loads.push(await resolving(callers));
  const codes = await verifying(site, options, { progress, faults });
  loads.push(codes.load);
  let registered = 0;
  loads.push(
    await progress.step(`register by ${REGISTRARS}`, () =>
      load({ site, options, what: 'register', callers: REGISTRARS }, async (post) => {
        const number = persons + registered++;
        const body = { name: '测试', idNumber: idNumberOf(number), mobile: mobileOf(number) };
        const { status } = await post('/identity/persons', body);
        if (status !== 201) note(faults, `registration ${number} answered ${status}`);
      }),
    ),
  );
  loads.push(await recording(site, options, { progress, faults }));
  const { rows } = await site.client.query<{ count: number }>(
    'select count(*)::int as count from identity.person where sealed is not null',
  );
  if (rows[0]!.count !== persons + registered)
    note(faults, `${rows[0]!.count} persons are registered, not ${persons + registered}`);
  const duplicates = await progress.step('duplicates of the labelled set', async () =>
    searchDuplicates(labelledSet(options.labelled, SEED), () => performance.now()),
  );
  for (const fault of faultsOf(duplicates)) note(faults, fault);
  const value = loads.find(({ callers }) => callers === RESOLVERS.at(-1))!.perSecond;
  if (small && slower(small.perSecond, value) > APART_MAX)
    note(faults, `among ${persons} persons it is more than 10 % slower than among ${FEW}`);
  return {
    value,
    ...(small && { small }),
    raw,
    rawOne,
    rawCodes: codes.raw,
    ratioToRaw: Number((value / raw).toFixed(3)),
    loads,
    duplicates,
    faults,
  };
};

interface Steps {
  readonly fill: (from: number, to: number) => Promise<void>;
  readonly rawOf: (connections: number, among: number) => Promise<number>;
  readonly resolving: (callers: number, among: number) => Promise<IdentityLoad>;
}

/** The same among few: what it costs more among all is what their number costs. */
const amongFew = async ({ fill, rawOf, resolving }: Steps) => {
  await fill(0, FEW);
  const raw = await rawOf(RAW_CONNECTIONS, FEW);
  // A process that has just started is no measure: the first of the two is not counted.
  await resolving(RESOLVERS.at(-1)!, FEW);
  const { perSecond } = await resolving(RESOLVERS.at(-1)!, FEW);
  return { raw, perSecond };
};

/** By which part the second is slower; 0 where it is not. */
const slower = (one: number, other: number): number => Math.max(0, 1 - other / one);

/** Records of strangers among all of them: each is looked for under its keys, and found nowhere. */
const recording = (
  site: LoneSite,
  options: IdentityOptions,
  { progress, faults }: { readonly progress: Progress; readonly faults: string[] },
): Promise<IdentityLoad> => {
  const strangers = labelledSet(STRANGERS, SEED).persons;
  let next = 0;
  return progress.step(`register a record by ${RECORDERS}`, () =>
    load({ site, options, what: 'record', callers: RECORDERS }, async (post) => {
      const number = next++;
      const { name, birthDate, sex } = strangers[number % STRANGERS]!;
      const { status } = await post('/identity/source-records', {
        domain: { kind: 'passport', authority: 'CHN' },
        identifier: `E${number}`,
        person: { name, birthDate, sex },
      });
      if (status !== 201) note(faults, `record ${number} answered ${status}`);
    }),
  );
};

/** Dynamic codes, each shown once; `raw`: their rows by primary key. */
const verifying = async (
  site: LoneSite,
  options: IdentityOptions,
  { progress, faults }: { readonly progress: Progress; readonly faults: string[] },
): Promise<{ readonly load: IdentityLoad; readonly raw: number }> => {
  const { persons, seconds } = options;
  const count = codesOf(seconds + WARM_UP_MS / 1000);
  const masterKey = site.secrets['IDENTITY_MASTER_KEY']!;
  await progress.step(`${count.toLocaleString('en')} codes by COPY`, () =>
    fillCodes(site.client, { count, persons, masterKey }),
  );
  const raw = await progress.step(`raw select of a code by ${RAW_CONNECTIONS}`, () =>
    selecting(site, RAW_CONNECTIONS, (number) => nonceHashOf(number % count), CODE_SELECT),
  );
  const callers = RESOLVERS.at(-1)!;
  const one = async (post: Post, turn: number): Promise<void> => {
    if (turn >= count) return note(faults, `more than ${count} codes were verified`);
    const said = { type: 'qr', value: codeOf(turn, persons), use: `HZ001-V${turn}` };
    const { status, body } = await post('/identity/persons/resolve', said);
    const isRight = status === 200 && body.includes(`"${personIdOf(holderOf(turn, persons))}"`);
    if (!isRight) note(faults, `code ${turn} was answered ${status}`);
  };
  const verified = await progress.step(`verify a code by ${callers}`, () =>
    load({ site, options, what: 'verify', callers }, one),
  );
  return { load: verified, raw };
};

const note = (faults: string[], fault: string): void => {
  if (faults.length < FAULTS_MAX) faults.push(fault);
};

const resolve = async (post: Post, number: number, faults: string[]): Promise<void> => {
  const { status, body } = await post('/identity/persons/resolve', {
    type: 'id-number',
    value: idNumberOf(number),
  });
  const isRight = status === 200 && body.includes(`"${personIdOf(number)}"`);
  if (!isRight) note(faults, `person ${number} was answered ${status}`);
};

interface Load {
  readonly site: LoneSite;
  readonly options: IdentityOptions;
  readonly what: IdentityLoad['what'];
  readonly callers: number;
}

const load = async (
  { site, options, what, callers: count }: Load,
  one: (post: Post, turn: number) => Promise<void>,
): Promise<IdentityLoad> => {
  const keyOf = signingKeysOf(site.secrets);
  const tokens = new ServiceTokens({ key: () => keyOf('service/gateway'), clock: systemClock });
  const callers = new Callers(
    site.process.url,
    () => tokens.authorization('identity', HOSPITAL),
    count,
  );
  const stop = new AbortController();
  let turn = 0;
  const calling = callers.call(stop.signal, (post) => one(post, turn++));
  calling.catch(() => undefined); // Awaited below.
  await Promise.race([sleep(WARM_UP_MS), calling]);
  callers.taken();
  const before = await readingOf(site);
  await Promise.race([sleep(options.seconds * 1000), calling]);
  const times = callers.taken();
  const { perSecond, cost } = between(before, await readingOf(site), times.length, site);
  stop.abort();
  await calling;
  const [p50Ms, p99Ms] = [quantile(times, 0.5), quantile(times, 0.99)];
  return { what, callers: count, perSecond, p50Ms, p99Ms, cost };
};

const RESOLVE_SELECT = 'select person_id from identity.identifier where blind_index = $1';
const CODE_SELECT = 'select person_id, used_at from identity.issued_code where nonce_hash = $1';

/** Selects per second: what identity asks PostgreSQL of one credential, prepared once. */
const selecting = async (
  { client: { host, port, user, password, database } }: LoneSite,
  connections: number,
  indexAt: (turn: number) => string,
  text = RESOLVE_SELECT,
): Promise<number> => {
  const indexes = Array.from({ length: 20_000 }, (_, turn) => indexAt(turn * 7919));
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new Client({
        host,
        port,
        user,
        password: password ?? '',
        database: database!,
      });
      await client.connect();
      return client;
    }),
  );
  const endsAtMs = performance.now() + RAW_MS;
  let selects = 0;
  await Promise.all(
    clients.map(async (client) => {
      for (; performance.now() < endsAtMs; selects += 1)
        await client.query({
          ...{ name: 'raw', text },
          values: [indexes[selects % indexes.length]],
        });
      await client.end();
    }),
  );
  return Math.round((selects * 1000) / RAW_MS);
};
