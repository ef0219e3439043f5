import { join } from 'node:path';
import { businessDateOf, DAY_MS } from '@caretab/contracts';
import type { Bus } from '@caretab/bus';
import { type Api, type MllpAddress, pause } from '@caretab/hospital';
import { checkDay, checkTroubles, surprises } from './checks';
import { gatherFacts, noticesUnderWay } from './facts';
import { Feeds } from './feeds';
import { pageOf, urlsOf } from './page';
import { DayProgress } from './progress';
import { PHASES, Samples } from './samples';
import { Setup } from './setup';
import { untilQuiet } from './quiet';

export interface DayOptions {
  readonly api: Api;
  readonly bus: Bus;
  readonly mllp: readonly MllpAddress[];
  readonly services: readonly string[];
  readonly samplesDir: string;
  readonly dataDir: string;
  readonly webhookUrl: string;
  keyOf(institutionId: string): string;
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

const DONE = 1;
/** A notice that could not go out while identity was away is tried again within a minute. */
const NOTICES_TIMEOUT_MS = 120_000;
const NOTICES_POLL_MS = 500;

/** The days (Asia/Shanghai) from the first start of the sample day until today, a week at most. */
const moneyDaysSince = (startedAtMs: number): string[] => {
  const days = new Set<string>();
  for (let at = Math.max(startedAtMs, Date.now() - 7 * DAY_MS); at < Date.now(); at += DAY_MS)
    days.add(businessDateOf(new Date(at).toISOString()));
  return [...days.add(businessDateOf(new Date().toISOString()))];
};

/**
 * Plays the sample day through the real doors, or goes on where it was interrupted, and reads its
 * page from the services.
 */
export const playDay = async (options: DayOptions): Promise<DayResult> => {
  const { api, services } = options;
  const samples = new Samples(options.samplesDir);
  const progress = new DayProgress(join(options.dataDir, 'day', 'progress.json'));
  const institutions = samples.institutions();
  const expectations = samples.expectations();
  const { businessDate } = expectations;
  const quiet = (update: (text: string) => void = () => undefined): Promise<void> =>
    untilQuiet(api, services, (left) => update(`${left} left to do`));

  if (progress.of('startedAtMs') === 0) progress.save('startedAtMs', Date.now());
  if (progress.of('setup') !== DONE) {
    const citizens = samples.citizens();
    await options.step(`opening the service for ${citizens.length} citizens`, (update) =>
      new Setup(api, () => quiet(update)).run(
        institutions,
        citizens,
        options.webhookUrl,
        options.keyOf,
      ),
    );
    progress.save('setup', DONE);
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
  await options.step('clearing the day', async (update) => {
    await api.post('/payment/clearings', { businessDate });
    await quiet(update);
  });
  return options.step('reading the page', async () => {
    for (
      const giveUpAt = performance.now() + NOTICES_TIMEOUT_MS;
      performance.now() < giveUpAt && (await noticesUnderWay(api)) > 0;
    )
      await pause(NOTICES_POLL_MS);
    const facts = await gatherFacts(
      api,
      services,
      businessDate,
      moneyDaysSince(progress.of('startedAtMs')),
      expectations.visits.map(({ visitId }) => visitId),
    );
    const checks = checkDay(facts, expectations);
    const troubles = checkTroubles(facts, expectations);
    const [visitId, visit] = [...facts.visits].find(([, { status }]) => status === 'settled') ??
      [...facts.visits][0] ?? ['', {}];
    const personId = String((visit as { personId?: string }).personId);
    return {
      page: pageOf(businessDate, facts, checks, troubles),
      urls: urlsOf((path) => api.urlOf(path), {
        visitId,
        personId,
        institutionId: institutions[0]!.institutionId,
        businessDate,
      }),
      surprises: surprises(facts, expectations),
      good: [...checks, ...troubles].every(({ holds }) => holds),
    };
  });
};
