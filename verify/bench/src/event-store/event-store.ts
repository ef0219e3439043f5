import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { startEventStoreServer } from '@caretab/doubles';
import { type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import type { Measured } from './load';
import { type EventStoreOptions, type Writer, WRITERS } from './options';
import type { EventStoreResult, Figures } from './report';
import type { Addresses } from './targets';
import type { Answer, Turn } from './writer-process';

/** One run. Rejects when it is void before its end. */
export const eventStore = (
  options: EventStoreOptions,
  progress: Progress,
): Promise<EventStoreResult> => onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: EventStoreOptions,
  progress: Progress,
  machine: Machine,
): Promise<EventStoreResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const database = await progress.step('PostgreSQL', (update) => machine.database(update));
  const given = process.env['EVENTSTORE_URL'];
  const addresses = {
    databaseUrl: database.url,
    eventStoreUrl: given ?? (await ownServer(machine)),
  };
  const writers = new Map(WRITERS.map((writer) => [writer, start(writer, addresses, machine)]));
  const found = new Map<Writer, Measured[]>(WRITERS.map((writer) => [writer, []]));
  // The first round warms up.
  for (let round = 0; round <= options.rounds; round += 1)
    for (let turn = 0; turn < WRITERS.length; turn += 1) {
      const writer = WRITERS[(round + turn) % WRITERS.length]!;
      const title = round === 0 ? `${writer} warms up` : `${writer}, round ${round}`;
      const measured = await progress.step(
        title,
        () => written(writers.get(writer)!, turnOf(options)),
        ({ answered, seconds }) => `${Math.round(answered / seconds)}/s`,
      );
      found.get(writer)!.push(measured);
    }
  return {
    bench: 'event-store',
    writers: Object.fromEntries(
      [...found].map(([writer, rounds]) => [writer, figuresOf(rounds)]),
    ) as Record<Writer, Figures>,
    settings: {
      server: given ? 'EVENTSTORE_URL' : 'of the protocol, in memory',
      events: options.events,
      callers: options.callers,
      together: options.together,
      rounds: options.rounds,
      cores: availableParallelism(),
      node: process.version,
      loadAverage,
    },
    faults: [...found].flatMap(([writer, rounds]) =>
      rounds
        .filter(({ answered, found: there }) => answered !== options.events || there !== answered)
        .map(
          ({ answered, found: there }) =>
            `${writer}: ${options.events} events, ${answered} answered, ${there} found`,
        ),
    ),
  };
};

const ownServer = async (machine: Machine): Promise<string> => {
  const server = await startEventStoreServer();
  machine.onClean(() => server.stop());
  return server.url;
};

/** Streams of their own for each turn. */
const turnOf = ({ events, callers, together }: EventStoreOptions): Turn => ({
  name: `bench_${randomUUID()}`,
  events,
  callers,
  together,
});

const start = (writer: Writer, addresses: Addresses, machine: Machine): ChildProcess => {
  const child = fork(join(__dirname, 'writer-process.js'), [writer, JSON.stringify(addresses)]);
  machine.onClean(async () => void child.kill());
  return child;
};

const written = (child: ChildProcess, turn: Turn): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a writer ended with ${code ?? 'a signal'}`));
    child.once('exit', ended);
    child.once('message', (answer: Answer) => {
      child.off('exit', ended);
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.measured);
    });
    child.send(turn);
  });

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const figuresOf = ([cold, ...warm]: readonly Measured[]): Figures => ({
  eventsPerSecond: medianOf(warm.map(({ answered, seconds }) => answered / seconds)),
  cpuMs: medianOf(warm.map(({ cpuSeconds, answered }) => (cpuSeconds * 1000) / answered)),
  coldCpuMs: (cold!.cpuSeconds * 1000) / cold!.answered,
});
