import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { untilQuiet } from '../account';
import { institutionIds } from '../charges';
import { type Edge, register, startEdge } from '../edge';
import { type Machine, onMachine, type Process } from '../machine';
import { Parties } from '../parties';
import type { Progress } from '../progress';
import { checkpoint } from '../raw-postgres';
import { type Site, startSite } from '../site';
import { fateOf } from './fate';
import { GeneratorProcess } from './generator-process';
import type { OverloadOptions } from './options';
import { type Plan, perSecond } from './plan';
import { type Measured, type OverloadResult, resultOf } from './report';

/**
 * As many senders as the gateway works on at once by default: none is sent away, and none is idle.
 */
const SENDERS = 32;
const NUMBERS_MAX = 4_000_000;
const WARM_UP_MS = 3_000;

/**
 * One run: capacity, flood, what comes after, and what became of every charge. Rejects when the run
 * is void before its end.
 */
export const overload = (options: OverloadOptions, progress: Progress): Promise<OverloadResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: OverloadOptions,
  progress: Progress,
  machine: Machine,
): Promise<OverloadResult> => {
  const site = await startSite(options, machine, progress);
  const edge = await progress.step('identity and gateway, processes of their own', () =>
    startEdge(machine, site.environment),
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
  const died = Promise.race([site.ledger.died, edge.gateway.died, edge.identity.died]);
  const measured = await Promise.race([
    measure({ options, progress, site, edge, generator }),
    died,
  ]);
  const faults = await progress.step('every charge accounted for', () =>
    fateOf(parties.book, site.database.url, {
      firstNumber: plan.firstNumber,
      outcomes: measured.outcomes,
    }),
  );
  return resultOf(options, measured, {
    faults: [...parties.book.faults, ...faults],
    settings: {
      cores: availableParallelism(),
      node: process.version,
      partitions: site.partitions,
      visits: options.visits,
      senders: SENDERS,
      seconds: options.seconds,
      times: options.times,
    },
  });
};

const measure = async ({
  options,
  progress,
  site,
  edge,
  generator,
}: {
  options: OverloadOptions;
  progress: Progress;
  site: Site;
  edge: Edge;
  generator: GeneratorProcess;
}): Promise<Measured> => {
  const quiet = async (): Promise<void> => {
    await untilQuiet(edge.gateway, 'gateway');
    await untilQuiet(site.ledger);
  };
  const forMs = options.seconds * 1000;
  const warmUp = await progress.step('warm-up', () =>
    generator.run({ kind: 'capacity', senders: SENDERS, forMs: WARM_UP_MS }),
  );
  await quiet();
  await checkpoint(site.database.url);
  const capacity = await progress.step(
    `capacity, ${SENDERS} senders`,
    () => generator.run({ kind: 'capacity', senders: SENDERS, forMs }),
    (told) => `${perSecond(told)}/s`,
  );
  await quiet();
  await checkpoint(site.database.url);
  const before = { gateway: rssMb(edge.gateway, 'VmRSS'), ledger: rssMb(site.ledger, 'VmRSS') };
  const flood = await progress.step(
    `flood, ${options.times} times as many`,
    () => generator.run({ kind: 'flood', perSecond: perSecond(capacity) * options.times, forMs }),
    (told) => `${perSecond(told)}/s accepted`,
  );
  const after = await progress.step(
    'one after the flood',
    () => generator.run({ kind: 'flood', perSecond: 1, forMs: 1000 }),
    (told) => `${told.accepted.p50Ms} ms`,
  );
  const endedAtMs = performance.now();
  await progress.step('all that was accepted is decided', quiet);
  const quietAfterMs = performance.now() - endedAtMs;
  const told = (of: 'gateway' | 'ledger', process: Process) => ({
    before: before[of],
    peak: rssMb(process, 'VmHWM'),
  });
  return {
    capacity,
    flood,
    after,
    outcomes: [warmUp, capacity, flood, after],
    quietAfterMs,
    rssMb: { gateway: told('gateway', edge.gateway), ledger: told('ledger', site.ledger) },
  };
};

/** Zero where the system does not report it (only Linux does). */
const rssMb = ({ pid }: Process, line: 'VmRSS' | 'VmHWM'): number => {
  try {
    return Math.round(
      Number(
        new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1],
      ) / 1024,
    );
  } catch {
    return 0;
  }
};
