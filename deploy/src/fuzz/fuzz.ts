import { topicsFor } from '@caretab/contracts';
import { payerIds } from '@caretab/benefits';
import type { Bus } from '@caretab/messaging';
import type { startTelemetry } from '@caretab/telemetry';
import { Api } from '../day/api';
import { playDay } from '../day/play-day';
import { untilQuiet } from '../day/quiet';
import { Samples } from '../day/samples';
import { type Platform, services, startPlatform } from '../embedded/platform';
import type { Steps } from '../launch/steps';
import { fuzzBus, type SampleMessage } from './bus';
import { fuzzFrames, fuzzHl7 } from './hl7';
import { fuzzHttp } from './http';
import { sampleRequests } from './sample-requests';
import type { Tally } from './tally';
import { checkGateway, checkParked, checkStillWell, summaryOf } from './verdict';

export interface FuzzRun {
  readonly inputs: number;
  readonly seed: number;
  readonly port: number;
  readonly dataDir: string;
  readonly samplesDir: string;
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
const names = services.map(({ name }) => name);

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

/** Every message that the sample day left on the bus. */
const messagesOf = async (bus: Bus): Promise<SampleMessage[]> => {
  const group = `fuzz.samples-${Date.now()}`;
  const found: SampleMessage[] = [];
  const topics = topicsFor(payerIds).map(({ name }) => name);
  const consumer = await bus.consume({ group, topics }, async ({ messages }) => void found.push(...messages.map(({ topic, key, value, headers }) => ({ topic, key, value, headers }))));
  while ((await bus.lag(group, topics)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await consumer.stop();
  return found.filter(({ headers, value }) => !headers['ce_id']?.startsWith('fuzz-') && value.startsWith('{') && headers['ce_type'] !== undefined && headers['ce_id'] !== undefined && isJson(value));
};

/** Starts a platform, plays the sample day so that there is something to break, sends the bad inputs, and holds what was sent against what is recorded. */
export const fuzz = async (run: FuzzRun, steps: Steps, telemetry: ReturnType<typeof startTelemetry>): Promise<FuzzResult> => {
  const { port, dataDir, samplesDir } = run;
  process.env['LOG_LEVEL'] ??= 'fatal';
  const platform = await startPlatform({ host: HOST, port, mllpPort: port + 4, dataDir, samplesDir, fresh: false, exit: true, idle: true }, steps, telemetry);
  let peakMemoryMb = 0;
  const watch = setInterval(() => (peakMemoryMb = Math.max(peakMemoryMb, Math.round(process.memoryUsage().rss / 1_048_576))), 250);
  try {
    const api = new Api(() => [platform.url]);
    await playDay({ api, bus: platform.bus, mllp: [{ host: HOST, port: port + 4 }], services: names, samplesDir, dataDir, webhookUrl: platform.webhookUrl, keyOf: platform.keyOf, step: (title, work) => steps.step(title, work) });
    const tallies = await allDoors(run, platform, api, steps);
    const faults = tallies.flatMap((tally) => [...tally.faults, ...(tally.accountedFor === tally.sent ? [] : [`${tally.door}: ${tally.sent} sent, ${tally.accountedFor} accounted for`])]);
    faults.push(...await checkStillWell(api));
    if (peakMemoryMb > MEMORY_MAX_MB) faults.push(`memory: ${peakMemoryMb} MB at its peak`);
    return { tallies, faults, peakMemoryMb };
  } finally {
    clearInterval(watch);
    await steps.step('stopped', () => platform.stop());
  }
};

const allDoors = async ({ inputs, seed, samplesDir, port, isNew }: FuzzRun, platform: Platform, api: Api, steps: Steps): Promise<Tally[]> => {
  const samples = new Samples(samplesDir);
  const mllp = { host: HOST, port: port + 4 };
  const share = (part: number): number => Math.max(1, Math.round(inputs * part));
  const messages = samples.hl7('day', 'HZ001');
  const hl7Samples = messages.map((bytes) => bytes.toString('utf8'));
  const sound = await messagesOf(platform.bus);

  const before = await summaryOf(api);
  const hl7 = await steps.step('HL7 messages', () => fuzzHl7(mllp, hl7Samples, share(0.3), seed));
  checkGateway(hl7, { samples: messages, isNew, before, after: await summaryOf(api) });
  const frames = await steps.step('MLLP streams', () => fuzzFrames(mllp, hl7Samples, share(0.05), seed));
  const http = await steps.step('HTTP requests', async () => fuzzHttp(platform.url, await sampleRequests(platform.url, samples, platform.keyOf), share(0.35), seed));
  const topics = new Map(topicsFor(payerIds).map((topic) => [topic.name, topic]));
  const bus = await steps.step('bus messages', async (update) => {
    const tally = await fuzzBus(platform.bus, topics, sound, { count: share(0.3), seed });
    await untilQuiet(api, names, (left) => update(`${left} left to do`));
    return tally;
  });
  await checkParked(bus, api, names);
  return [hl7, frames, http, bus];
};
