import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startLocalKafka } from '@caretab/engines';
import { CommandLine } from '@caretab/command-line';
import { interrupted, run } from '../launch/run';
import { Steps } from '../launch/steps';

const HELP = `npm run caretab -- kafka              start one real Apache Kafka node on this machine and stay up
npm run caretab -- kafka --fresh   the same, from an empty data folder
  --port N                 where it listens, on 127.0.0.1 only (default 9092)
  --data DIR               data folder (default ./data/kafka)
  --durable                every write is on disk before it is acknowledged (slower; survives a power cut)
It needs Java 17 or newer, and Maven the first time.`;

const steps = new Steps(process.stdout);

/** A folder is only ever deleted if Kafka lies in it, or nothing. */
const startOver = (dataDir: string): void => {
  if (!existsSync(dataDir)) return;
  const isOurs =
    existsSync(join(dataDir, 'server.properties')) &&
    existsSync(join(dataDir, 'log4j2.properties'));
  if (!isOurs && readdirSync(dataDir).length > 0)
    throw new Error(
      `${dataDir} is not the data folder of a local Kafka, so --fresh does not ` +
        'delete it. Choose another with --data DIR, or remove it yourself.',
    );
  rmSync(dataDir, { recursive: true, force: true });
};

const program = async (): Promise<number> => {
  const commandLine = new CommandLine(process.argv.slice(2), {
    help: HELP,
    flags: ['--fresh', '--durable'],
    values: ['--port', '--data'],
  });
  const dataDir = resolve(commandLine.value('--data') ?? join(__dirname, '../../../data/kafka'));
  const port = commandLine.port('--port', 9092);
  if (commandLine.has('--fresh')) startOver(dataDir);
  const kafka = await steps.step('Apache Kafka', (update) =>
    startLocalKafka({ dataDir, port, durable: commandLine.has('--durable'), log: update }),
  );
  steps.line(
    `Apache Kafka is up, its data in ${dataDir}. Ctrl-C stops it. What is to use ` +
      `it gets:\n\nKAFKA_BROKERS=${kafka.brokers.join(',')}\n`,
  );
  const stop = await Promise.race([interrupted(), kafka.ended.then(() => 'ended' as const)]);
  if (stop === 'ended') throw new Error(`Kafka exited: see ${join(dataDir, 'broker.log')}.`);
  await steps.step('stopped', () => kafka.stop());
  return 0;
};

run(program, steps, 'npm run caretab -- kafka');
