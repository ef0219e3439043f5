import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { Client } from 'pg';
import { untilQuiet } from '../account';
import { institutionIds } from '../charges';
import { type Edge, register, startEdge } from '../edge';
import { LEDGER_FLAGS, type Machine, onMachine } from '../machine';
import { fateOf } from '../overload/fate';
import { spread } from '../overload/generator';
import { GeneratorProcess } from '../overload/generator-process';
import { type Outcome, perSecond, type Plan } from '../overload/plan';
import { Parties } from '../parties';
import type { Progress } from '../progress';
import { checkpoint, connected } from '../raw-postgres';
import { rawRows } from '../raw-rows';
import { type Site, startSite } from '../site';
import type { ChargeOptions } from './options';
import type { ChargeResult } from './report';
import { GATEWAY_ROLE, usedBy, usedEach } from './usage';

const CALLERS = 32;
const STEADY_PER_SECOND = 20;
const NUMBERS_MAX = 1_000_000;
const WARM_UP_MS = 5_000;
const RAW_MS = 3_000;

/** One run. Rejects when it is void before its end. */
export const charge = (options: ChargeOptions, progress: Progress): Promise<ChargeResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

interface Stage {
  readonly options: ChargeOptions;
  readonly progress: Progress;
  readonly site: Site;
  readonly edge: Edge;
  readonly parties: Parties;
  readonly generator: GeneratorProcess;
  readonly client: Client;
}

const run = async (
  options: ChargeOptions,
  progress: Progress,
  machine: Machine,
): Promise<ChargeResult> => {
  const loadAverage = loadavg()[0]!.toFixed(1);
  const { bus, partitions } = options;
  const site = await startSite({ bus, partitions, countsStatements: true }, machine, progress);
  const client = new Client({ connectionString: site.database.url });
  await client.connect();
  machine.onClean(() => client.end());
  const edge = await progress.step('identity and gateway, processes of their own', () =>
    edgeOf(options, machine, { site, client }),
  );
  const keys = await register(edge, institutionIds());
  const parties = new Parties(site.bus);
  await parties.start();
  machine.onClean(() => parties.stop());
  const visits = await progress.step(`${options.visits} visits opened`, (update) =>
    parties.open(options.visits, 'spread', update),
  );
  const plan: Plan = {
    gatewayUrl: edge.gateway.url,
    keys,
    visits,
    firstNumber: parties.book.published,
    numbersMax: NUMBERS_MAX,
  };
  // Whatever of them is decided is known.
  for (let count = 0; count < NUMBERS_MAX; count += 1) parties.book.publish(0);
  const generator = new GeneratorProcess(machine, plan);
  const stage: Stage = { options, progress, site, edge, parties, generator, client };
  const died = Promise.race([site.ledger.died, edge.gateway.died, edge.identity.died]);
  const { outcomes, ...measured } = await Promise.race([measure(stage), died]);
  const faults = await progress.step('every charge accounted for', () =>
    fateOf(parties.book, site.database.url, { firstNumber: plan.firstNumber, outcomes }),
  );
  const undecided = outcomes
    .flatMap(({ acceptedNumbers }) => acceptedNumbers)
    .filter((number) => parties.book.timesDecided(number) === 0).length;
  if (undecided > 0) faults.push(`${undecided} accepted charges have no decision on the topic`);
  return {
    ...{ bench: 'charge', bus },
    ...measured,
    settings: {
      ...{ callers: CALLERS, visits: options.visits, seconds: options.seconds },
      ...{ cores: availableParallelism(), node: process.version, partitions: site.partitions },
      loadAverage,
    },
    faults: [...parties.book.faults, ...faults],
  };
};

/** The gateway has a role of its own, by which PostgreSQL counts. */
const edgeOf = async (
  { bus, profileDir }: ChargeOptions,
  machine: Machine,
  { site, client }: Pick<Stage, 'site' | 'client'>,
): Promise<Edge> => {
  const url = new URL(site.database.url);
  const password = client.escapeLiteral(decodeURIComponent(url.password));
  await client.query(`create role ${GATEWAY_ROLE} superuser login password ${password}`);
  url.username = GATEWAY_ROLE;
  const profile = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${resolve(profileDir)}`] : [];
  return startEdge(machine, site.environment, {
    environment: {
      DATABASE_URL: url.href,
      ...(bus === 'postgres' && { BUS_DATABASE_URL: url.href }),
    },
    flags: [...LEDGER_FLAGS, ...profile],
  });
};

const quiet = async ({ edge, site }: Stage): Promise<void> => {
  await untilQuiet(edge.gateway, 'gateway');
  await untilQuiet(site.ledger);
};

const measure = async (stage: Stage) => {
  const { options, progress, site, edge, generator, client } = stage;
  const forMs = options.seconds * 1000;
  const full = (ms: number): Promise<Outcome> =>
    generator.run({ kind: 'capacity', senders: CALLERS, forMs: ms });
  const warmUp = await progress.step('warm-up', () => full(WARM_UP_MS));
  await quiet(stage);
  await checkpoint(site.database.url);
  const before = await usedBy(client, site, edge);
  const outcome = await progress.step(
    `full load, ${CALLERS} callers`,
    () => full(forMs),
    (told) => `${perSecond(told)}/s`,
  );
  await quiet(stage); // What is still to be done of them counts too.
  const cost = usedEach(before, await usedBy(client, site, edge), outcome.acceptedNumbers.length);
  await checkpoint(site.database.url);
  const steady = await progress.step(`${STEADY_PER_SECOND} a second`, () =>
    generator.run({ kind: 'flood', perSecond: STEADY_PER_SECOND, forMs }),
  );
  await quiet(stage);
  const decidedMs = decisionsOf(stage, steady);
  const bytes = await bytesOfCharge(client, edge, options.bus);
  const [rawOne, raw] = await progress.step('raw limits', () =>
    rawRows(site.database.url, { clients: [1, CALLERS], bytes, forMs: RAW_MS }),
  );
  const value = perSecond(outcome);
  return {
    ...{ value, raw: raw!, rawOne: rawOne!, bytes, cost },
    ratioToRaw: Number((value / raw!).toFixed(3)),
    acceptedMs: outcome.accepted,
    steady: { perSecond: STEADY_PER_SECOND, acceptedMs: steady.accepted, decidedMs },
    outcomes: [warmUp, outcome, steady],
  };
};

const decisionsOf = (
  { parties: { book } }: Stage,
  { acceptedNumbers, acceptedDueAtMs }: Outcome,
): ReturnType<typeof spread> =>
  spread(
    acceptedNumbers
      .map(
        (number, index) =>
          performance.timeOrigin + book.decidedAtMs(number) - acceptedDueAtMs[index]!,
      )
      .filter((tookMs) => !Number.isNaN(tookMs)),
  );

/** What a charge leaves at the gateway: its message and its report, and its event on the bus. */
const bytesOfCharge = async (
  client: Client,
  { databaseUrl }: Edge,
  bus: ChargeOptions['bus'],
): Promise<number> => {
  const bytes = async (on: Client, sum: string): Promise<number> =>
    (await on.query<{ bytes: number }>(`select (${sum})::int as bytes`)).rows[0]!.bytes;
  const kept = await connected(databaseUrl, (gateway) =>
    bytes(
      gateway,
      `(select avg(pg_column_size(i.*)) from gateway.intake i)
        + (select avg(pg_column_size(e.*)) from gateway.accepted_event e)`,
    ),
  );
  if (bus === 'kafka') return kept;
  const sent = await bytes(
    client,
    `select avg(octet_length(key) + octet_length(headers) + octet_length(value))
      from (select * from bus.messages where headers like '%ChargePosted%' limit 1000) m`,
  );
  return kept + sent;
};
