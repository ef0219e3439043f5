import { businessDateOf } from '@caretab/contracts';
import type { startTelemetry } from '@caretab/telemetry';
import { join } from 'node:path';
import {
  type Platform,
  playDay,
  Samples,
  services,
  startOwnBroker,
  startPlatform,
  type Steps,
} from '@caretab/deploy';
import { Api, type MllpAddress } from '@caretab/hospital';
import { fuzzAnswers } from './answers';
import { fuzzCertificates } from './certificates';
import type { Amount } from './bus';
import { messagesOf } from './bus-samples';
import { fuzzFeed, registerOthers } from './feed';
import { fuzzFrames } from './hl7';
import { fuzzHttp } from './http';
import { TamperingProxy } from './tampering-proxy';
import { fuzzTopics } from './topics';
import type { Door } from './options';
import { sampleRequests } from './sample-requests';
import { smallDay } from './small-day';
import type { Tally } from './tally';
import { wrongKeys } from './wrong-keys';
import { checkGateway, checkStillWell, summaryOf } from './platform-checks';

export interface FuzzRun {
  readonly inputs: number;
  readonly seed: number;
  readonly port: number;
  readonly dataDir: string;
  readonly samplesDir: string;
  readonly kafka: boolean;
  readonly smallDay: boolean;
  readonly door: Door | undefined;
  /** Whether the data folder was made for this run. */
  readonly isNew: boolean;
}

export interface FuzzResult {
  readonly tallies: readonly Tally[];
  readonly faults: readonly string[];
  readonly peakMemoryMb: number;
}

const HOST = '127.0.0.1';
const MEMORY_MAX_MB = 2_000;
/**
 * On a busy machine jobs that look for work twice a second are always running, and the platform
 * never seems idle.
 */
const SELDOM = { PAYMENT_COLLECT_INTERVAL_MS: '3000', NOTIFICATION_DELIVER_INTERVAL_MS: '3000' };
const SMALL_DAY_MESSAGES = 40;
const names = services.map(({ name }) => name);

/** What runs while inputs are sent. */
interface Trial {
  readonly run: FuzzRun;
  readonly platform: Platform;
  readonly api: Api;
  readonly brokers: readonly string[] | undefined;
  readonly acquirer: TamperingProxy;
  readonly asked: TamperingProxy;
  readonly steps: Steps;
}

/**
 * Starts a platform, plays the sample day so that there is something to break, sends the bad
 * inputs, and holds what was sent against what is recorded.
 */
export const fuzz = async (
  given: FuzzRun,
  steps: Steps,
  telemetry: ReturnType<typeof startTelemetry>,
): Promise<FuzzResult> => {
  const run = {
    ...given,
    samplesDir: given.smallDay
      ? smallDay(given.samplesDir, join(given.dataDir, 'small-day'), SMALL_DAY_MESSAGES)
      : given.samplesDir,
  };
  process.env['LOG_LEVEL'] ??= 'fatal';
  const stops: (() => Promise<void>)[] = [];
  let peakMemoryMb = 0;
  const watch = setInterval(
    () =>
      (peakMemoryMb = Math.max(peakMemoryMb, Math.round(process.memoryUsage().rss / 1_048_576))),
    250,
  );
  try {
    const trial = await startTrial(run, { steps, telemetry, stops });
    const tallies = await allDoors(trial);
    const faults = tallies.flatMap((tally) => [
      ...tally.faults,
      ...(tally.accountedFor === tally.sent
        ? []
        : [`${tally.door}: ${tally.sent} sent, ${tally.accountedFor} accounted for`]),
    ]);
    faults.push(...(await checkStillWell(trial.api)));
    if (peakMemoryMb > MEMORY_MAX_MB) faults.push(`memory: ${peakMemoryMb} MB at its peak`);
    return { tallies, faults, peakMemoryMb };
  } finally {
    clearInterval(watch);
    await steps.step('stopped', async () => {
      for (const stop of stops.reverse()) await stop();
    });
  }
};

/** Starts the platform between proxies that tamper, and plays the day. What it started is in `stops`. */
const startTrial = async (
  run: FuzzRun,
  {
    steps,
    telemetry,
    stops,
  }: {
    readonly steps: Steps;
    readonly telemetry: ReturnType<typeof startTelemetry>;
    readonly stops: (() => Promise<void>)[];
  },
): Promise<Trial> => {
  const { port, dataDir, samplesDir } = run;
  const broker = run.kafka
    ? await steps.step('Apache Kafka', (update) => startOwnBroker(dataDir, update))
    : undefined;
  if (broker) stops.push(() => broker.stop());
  const brokers = broker && [`${broker.host}:${broker.port}`];
  const acquirer = new TamperingProxy(() => `http://${HOST}:${port + 1}`);
  const asked = new TamperingProxy(() => `http://${HOST}:${port}`);
  const [acquirerUrl, askedUrl] = [await acquirer.start(), await asked.start()];
  stops.push(
    () => acquirer.stop(),
    () => asked.stop(),
  );
  const settings = {
    CREDIT_ENROLMENT_TIMEOUT_MS: '200',
    ...SELDOM,
    // Each refused input has to be counted once: none may be dropped.
    GATEWAY_QUARANTINE_UNKNOWN_ROWS_MAX: '100000',
    GATEWAY_UNKNOWN_PERSONS_PER_HOUR: '10000000',
    GATEWAY_LOOKUPS_PER_HOUR: '10000000',
    GATEWAY_ACTIVATIONS_PER_HOUR: '10000000',
    PAYMENT_ACQUIRER_URL: acquirerUrl,
    IDENTITY_URL: askedUrl,
    CREDIT_URL: askedUrl,
    VISIT_LEDGER_URL: askedUrl,
    NOTIFICATION_URL: askedUrl,
    PAYMENT_URL: askedUrl,
  };
  const platform = await startPlatform(
    {
      host: HOST,
      port,
      mllpPort: port + 4,
      dataDir,
      samplesDir,
      fresh: false,
      exit: true,
      idle: false,
    },
    steps,
    telemetry,
    { brokers, settings },
  );
  stops.push(() => platform.stop());
  const api = new Api(() => [platform.url], platform.operatorKey);
  await playDay({
    api,
    producerOf: platform.producerOf,
    mllp: [{ host: HOST, port: port + 4 }],
    services: names,
    samplesDir,
    dataDir,
    webhookUrl: platform.webhookUrl,
    keyOf: platform.keyOf,
    step: (title, work) => steps.step(title, work),
  });
  await registerOthers(api, platform.keyOf);
  return { run, platform, api, brokers, acquirer, asked, steps };
};

/** How the inputs are shared out where all doors are tried. */
const SHARES: Readonly<Record<Door, number>> = {
  hl7: 0.28,
  mllp: 0.05,
  http: 0.34,
  answers: 0.03,
  topics: 0.295,
  certificates: 0.005,
};

const allDoors = async (trial: Trial): Promise<Tally[]> => {
  const {
    run: { inputs, seed, door: only, samplesDir, port },
    platform,
    steps,
  } = trial;
  const samples = new Samples(samplesDir);
  const mllp = { host: HOST, port: port + 4 };
  const messages = samples.hl7('day', 'HZ001');
  const hl7Samples = messages.map((bytes) => bytes.toString('utf8'));
  const sound = await messagesOf(platform.bus);
  const tallies: Tally[] = [];
  const at = async (
    door: Door,
    title: string,
    work: (amount: Amount, update: (text: string) => void) => Promise<Tally>,
  ): Promise<void> => {
    if (only !== undefined && only !== door) return;
    const count = Math.max(1, Math.round(inputs * (only === undefined ? SHARES[door] : 1)));
    tallies.push(
      await steps.step(title, (update) =>
        work({ count, seed, progress: (sent) => update(`${sent}/${count}`) }, update),
      ),
    );
  };
  await at('hl7', 'HL7 messages', (amount) =>
    hl7Messages(trial, { address: mllp, messages, texts: hl7Samples }, amount),
  );
  await at('mllp', 'MLLP streams', (amount) => fuzzFrames(mllp, hl7Samples, amount));
  await at('http', 'HTTP requests', async (amount) =>
    fuzzHttp(
      { ...platform, wrongKeys: await wrongKeys(trial.api, platform) },
      await sampleRequests(platform.url, samples, platform),
      amount,
    ),
  );
  await at('answers', 'answers of others', (amount) => answersOfOthers(trial, samples, amount));
  await at('topics', trial.brokers ? 'Kafka records' : 'bus messages', (amount, update) =>
    fuzzTopics({ ...trial, services: names }, sound, amount, update),
  );
  await at('certificates', 'certificates', (amount) =>
    fuzzCertificates(
      {
        ...{ folder: join(trial.run.dataDir, 'certificates'), port: port + 5 },
        citizens: samples.citizens(),
      },
      hl7Samples,
      amount,
    ),
  );
  return tallies;
};

/** What the gateway answered, held against what it recorded. */
const hl7Messages = async (
  { run: { isNew }, api }: Trial,
  {
    address,
    messages,
    texts,
  }: {
    readonly address: MllpAddress;
    readonly messages: readonly Buffer[];
    readonly texts: readonly string[];
  },
  amount: Amount,
): Promise<Tally> => {
  const before = await summaryOf(api);
  const tally = await fuzzFeed(address, texts, amount);
  checkGateway(tally, { samples: messages, isNew, before, after: await summaryOf(api) });
  return tally;
};

const answersOfOthers = async (
  { platform, acquirer, asked }: Trial,
  samples: Samples,
  { count, seed }: Amount,
): Promise<Tally> => {
  const [visit] = samples
    .lines<{ body: { visitNumber?: string } }>('day', 'HZ002')
    .filter(({ body }) => body.visitNumber !== undefined);
  const days = [
    ...new Set([businessDateOf(new Date().toISOString()), samples.expectations().businessDate]),
  ];
  const idNumbers = samples
    .citizens()
    .slice(0, 50)
    .map(({ idNumber }) => idNumber);
  return fuzzAnswers(
    {
      url: platform.url,
      apiKey: platform.keyOf('HZ002'),
      operatorKey: platform.operatorKey,
      visitId: `HZ002-${visit!.body.visitNumber}`,
      idNumbers,
      days,
      acquirer,
      platform: asked,
    },
    { count, seed },
  );
};
