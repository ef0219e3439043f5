import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { businessDateOf, DAY_MS } from '@caretab/contracts';
import type { Bus } from '@caretab/bus';
import { type Api, type MllpAddress, pause } from '@caretab/hospital';
import { checkDay, checkTroubles, surprises } from './checks';
import { clockFileOf, DayClock, progressOf } from './day-clock';
import { gatherFacts, noticesUnderWay } from './facts';
import { Feeds } from './feeds';
import { authCommandFor } from '../launch/data-folder';
import { pageOf, urlsOf } from './page';
import { type Expectations, PHASES, Samples } from './samples';
import { Setup } from './setup';
import { untilQuiet } from './quiet';

export interface DayOptions {
  readonly api: Api;
  readonly mllp: readonly MllpAddress[];
  readonly services: readonly string[];
  readonly samplesDir: string;
  readonly dataDir: string;
  readonly webhookUrl: string;
  keyOf(institutionId: string): string;
  /** The bus as the hospital's own producer has it. */
  producerOf(institutionId: string): Bus;
  /** Says what is going on; `update` replaces the line on a terminal. */
  step<Result>(
    title: string,
    work: (update: (text: string) => void) => Promise<Result>,
  ): Promise<Result>;
}

export interface DayResult {
  readonly page: string;
  readonly urls: string;
  readonly surprises: readonly string[];
  readonly good: boolean;
}

/** A notice that could not go out while identity was away is tried again within a minute. */
const NOTICES_TIMEOUT_MS = 120_000;
const NOTICES_POLL_MS = 500;

/** What the day's end was, kept: afterwards the platform goes on, and its figures change. */
interface Ended extends Omit<DayResult, 'urls'> {
  readonly shown: { readonly visitId: string; readonly personId: string };
}

/**
 * Plays the sample day through the real doors, or goes on where it was interrupted, and reads its
 * page from the services.
 */
export const playDay = async (options: DayOptions): Promise<DayResult> => {
  const { api, services } = options;
  const samples = new Samples(options.samplesDir);
  const progress = progressOf(options.dataDir);
  const clock = new DayClock(clockFileOf(options.dataDir));
  const endFile = join(options.dataDir, 'day', 'end.json');
  const institutions = samples.institutions();
  const expectations = samples.expectations();
  const { businessDate } = expectations;
  const quiet = (update: (text: string) => void = () => undefined): Promise<void> =>
    untilQuiet(api, services, (left) => update(`${left} left to do`));

  const endOf = ({ shown, ...end }: Ended): DayResult => ({
    ...end,
    urls: urlsOf(
      { urlOf: (path) => api.urlOf(path), auth: authCommandFor(options.dataDir) },
      { ...shown, institutionId: institutions[0]!.institutionId, businessDate },
    ),
  });
  if (progress.isDone('over') && existsSync(endFile))
    return endOf(JSON.parse(readFileSync(endFile, 'utf8')) as Ended);
  if (!progress.isDone('setup')) {
    const citizens = samples.citizens();
    await options.step(`opening the service for ${citizens.length} citizens`, (update) =>
      new Setup(api, () => quiet(update)).run(
        institutions,
        citizens,
        options.webhookUrl,
        options.keyOf,
      ),
    );
    progress.done('setup');
  }
  for (const phase of PHASES) {
    await options.step(
      `playing the ${phase} of ${institutions.length} institutions`,
      async (update) => {
        const sent = new Map<string, string>();
        const feeds = new Feeds(samples, options, progress, (feed, done, all) =>
          update([...sent.set(feed, `${feed.split('/')[1]!} ${done}/${all}`).values()].join(' · ')),
        );
        await feeds.play(phase, institutions);
        await quiet(update);
      },
    );
  }
  await options.step('clearing the day, after its midnight', async (update) => {
    await clock.leapPastMidnight(businessDate);
    await api.post('/payment/clearings', { businessDate });
    progress.done('cleared');
    await quiet(update);
  });
  const end = await options.step('reading the page', () => readEnd(options, expectations));
  writeFileSync(endFile, JSON.stringify(end));
  progress.done('over');
  await clock.catchUp();
  return endOf(end);
};

/** Reads the day's end from the services, once the last notices have gone out. */
const readEnd = async (
  { api, services }: DayOptions,
  expectations: Expectations,
): Promise<Ended> => {
  const { businessDate } = expectations;
  for (
    const giveUpAt = performance.now() + NOTICES_TIMEOUT_MS;
    performance.now() < giveUpAt && (await noticesUnderWay(api)) > 0;
  )
    await pause(NOTICES_POLL_MS);
  const dayAfter = businessDateOf(new Date(Date.parse(businessDate) + DAY_MS));
  const facts = await gatherFacts(
    api,
    services,
    businessDate,
    [businessDate, dayAfter],
    expectations.visits.map(({ visitId }) => visitId),
  );
  const checks = checkDay(facts, expectations);
  const troubles = checkTroubles(facts, expectations);
  const [visitId, visit] = [...facts.visits].find(([, { status }]) => status === 'settled') ??
    [...facts.visits][0] ?? ['', {}];
  return {
    page: pageOf(businessDate, facts, checks, troubles),
    shown: { visitId, personId: String((visit as { personId?: string }).personId) },
    surprises: surprises(facts, expectations),
    good: [...checks, ...troubles].every(({ holds }) => holds),
  };
};
