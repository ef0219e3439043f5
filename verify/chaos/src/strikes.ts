import { seededRandom } from '@caretab/doubles';
import { Client } from 'pg';
import type { Service } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import type { Engine, Running } from './engine';
import type { Fault, Kind } from './faults';
import { loseRight, wrongKey } from './hands';
import { foreignEvent, forgedEvent } from './intruder';
import { olderCopy } from './older-copy';
import type { Strike } from './strike';
import type { SupervisedPlatform } from './supervised-platform';
import type { TcpProxy } from './tcp-proxy';
import { truncatedStream } from './truncation';

const pick = <Item>(items: readonly Item[], lot: number): Item =>
  items[Math.floor(lot * items.length)]!;
const nothing = async (): Promise<void> => undefined;

const HOUR_MS = 3_600_000;
const TERMINATED = 0.3;
const ASK_TIMEOUT_MS = 15_000;
const ASK_INTERVAL_MS = 200;

/** How each kind strikes. Which of the platform's parts it is follows from the fault's lot. */
export const strikeOf = (ground: SupervisedPlatform, fault: Fault): Strike =>
  STRIKES[fault.kind](ground, fault);

const killProcess =
  (how: 'SIGKILL' | 'SIGTERM') =>
  ({ supervisor }: SupervisedPlatform, { lot }: Fault): Strike => {
    const name = pick(supervisor.names, lot);
    return {
      what: `${how === 'SIGKILL' ? 'kill -9' : 'stop'} ${name}`,
      struck: [name],
      target: name,
      begin: () => supervisor.endByOrder(name, how),
      end: async () => supervisor.startAgain(name),
    };
  };

const freeze = ({ supervisor }: SupervisedPlatform, { lot }: Fault): Strike => {
  const name = pick(supervisor.names, lot);
  return {
    what: `freeze ${name}`,
    struck: [name],
    target: name,
    begin: async () => supervisor.freeze(name),
    end: async () => void supervisor.goOn(name),
  };
};

const takeAway = (
  engine: Engine<Running>,
  how: 'kill' | 'stop',
  { supervisor }: SupervisedPlatform,
): Strike => {
  let back: Promise<unknown> = Promise.resolve();
  return {
    what: `${how === 'kill' ? 'kill -9' : 'restart'} ${engine.name}`,
    struck: supervisor.names,
    target: engine.name,
    begin: async () => (await engine.end(how), true),
    end: async () => {
      back = engine.start();
      back.catch(() => undefined);
    },
    back: () => back,
  };
};

const breakLine = (
  name: string,
  line: TcpProxy,
  struck: readonly string[],
  { way }: Fault,
): Strike => ({
  what: `line ${name}: ${way}`,
  struck,
  target: name,
  begin: async () => (await line.break(way), true),
  end: () => line.heal(),
});

/** No two clocks are the same afterwards. */
const jump = ({ supervisor, clocks }: SupervisedPlatform, { lot }: Fault): Strike => {
  const random = seededRandom(Math.floor(lot * 2 ** 32));
  const offsets = supervisor.names.map(
    (name) => [name, random.integer(-HOUR_MS, HOUR_MS)] as const,
  );
  const told = offsets.map(
    ([name, offsetMs]) =>
      `${name} ${offsetMs < 0 ? '−' : '+'}${Math.round(Math.abs(offsetMs) / 60_000)}`,
  );
  return {
    what: `clocks jump, minutes off: ${told.join(', ')}`,
    struck: supervisor.names,
    target: 'clocks',
    begin: async () => {
      for (const [name, offsetMs] of offsets) clocks.set(name, offsetMs);
      return true;
    },
    end: nothing,
  };
};

/** Kills by the server's own list, so that only its backends can be meant. */
const backendKill = ({ postgresUrl, supervisor }: SupervisedPlatform, { lot }: Fault): Strike => ({
  what: 'kill -9 a backend of PostgreSQL',
  struck: supervisor.names,
  target: 'PostgreSQL',
  begin: async () => {
    const pids = await askPostgres(
      postgresUrl,
      `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by pid`,
    );
    if (pids.length > 0) process.kill(pick(pids, lot), 'SIGKILL');
    return pids.length > 0;
  },
  end: nothing,
});

const terminate = ({ postgresUrl, supervisor }: SupervisedPlatform, { lot }: Fault): Strike => ({
  what: 'PostgreSQL ends some connections',
  struck: supervisor.names,
  target: 'PostgreSQL',
  begin: async () => {
    // Chosen first: within one condition the planner may end a connection before it asks whose it
    // is.
    const chosen =
      `select pid from pg_stat_activity where backend_type = 'client backend' and ` +
      `pid <> pg_backend_pid() and (hashint4(pid + ${Math.floor(lot * 1000)}) & ` +
      `1023) < ${Math.floor(TERMINATED * 1024)}`;
    return (
      (
        await askPostgres(
          postgresUrl,
          `with chosen as materialized (${chosen}) select pid, pg_terminate_backend(pid) from chosen`,
        )
      ).length > 0
    );
  },
  end: nothing,
});

/**
 * Asks until there is an answer that is not empty: who was thrown out a moment ago is on the way
 * back.
 */
const askPostgres = async (url: string, question: string): Promise<number[]> => {
  for (
    const giveUpAt = performance.now() + ASK_TIMEOUT_MS;
    performance.now() < giveUpAt;
    await pause(ASK_INTERVAL_MS)
  ) {
    const pids = await askOnce(url, question);
    if (pids.length > 0) return pids;
  }
  return [];
};

const askOnce = async (url: string, question: string): Promise<number[]> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: ASK_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<{ pid: number }>(question)).rows.map(({ pid }) => pid);
  } catch {
    return [];
  } finally {
    await client.end().catch(() => undefined);
  }
};

const STRIKES: Readonly<Record<Kind, (ground: SupervisedPlatform, fault: Fault) => Strike>> = {
  'service-kill': killProcess('SIGKILL'),
  'service-stop': killProcess('SIGTERM'),
  'service-pause': freeze,
  'postgres-kill': (ground) => takeAway(ground.postgres, 'kill', ground),
  'postgres-restart': (ground) => takeAway(ground.postgres, 'stop', ground),
  'postgres-backend-kill': backendKill,
  'postgres-terminate': terminate,
  'postgres-line': (ground, fault) => {
    const services: Service[] = [...new Set(ground.instances.map(({ service }) => service))];
    const service = pick(services, fault.lot);
    const name = ground.lines.databaseLine(service);
    return breakLine(
      name,
      ground.lines.line(name),
      ground.instances
        .filter((instance) => instance.service === service)
        .map((instance) => instance.name),
      fault,
    );
  },
  'kafka-kill': (ground) => takeAway(ground.kafka, 'kill', ground),
  'kafka-restart': (ground) => takeAway(ground.kafka, 'stop', ground),
  'kafka-line': (ground, fault) =>
    breakLine(ground.lines.kafka.name, ground.lines.kafka.line, ground.supervisor.names, fault),
  'door-line': (ground, fault) => {
    const name = pick(ground.lines.doors, fault.lot);
    return breakLine(name, ground.lines.line(name), [], fault);
  },
  'clock-jump': jump,
  'right-lost': loseRight,
  'wrong-key': wrongKey,
  'foreign-event': foreignEvent,
  'forged-event': forgedEvent,
  'stream-truncated': truncatedStream,
  'older-copy': olderCopy,
};
