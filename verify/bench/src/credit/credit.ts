import { availableParallelism, loadavg } from 'node:os';
import { creditAuthorizations } from '@caretab/contracts';
import { answered } from '../adjudication/answered';
import { Answers } from '../adjudication/answers';
import type { AdjudicationLoad } from '../adjudication/report';
import { type Crowd, fillLines, visitOpened } from '../adjudication/visits';
import { deadlocksOf } from '../lone/reading';
import { type LoneSite, startLone } from '../lone/site';
import { type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import type { CreditOptions } from './options';
import { rawLines } from './raw';
import { type CreditResult, ratesOf } from './report';

/** One run. Rejects when it is void before its end. */
export const credit = (options: CreditOptions, progress: Progress): Promise<CreditResult> =>
  onMachine(progress, (machine) => measure(options, progress, machine));

const measure = async (
  { visits, profileDir }: CreditOptions,
  progress: Progress,
  machine: Machine,
): Promise<CreditResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const database = await progress.step('PostgreSQL', (update) => machine.database(update, true));
  const site = await progress.step('credit, a process of its own', () =>
    startLone(machine, 'credit', { database, profileDir }),
  );
  const [hot, cold]: [Crowd, Crowd] = [
    { load: 'hot', persons: 1 },
    { load: 'cold', persons: visits },
  ];
  for (const crowd of [hot, cold]) await fillLines(site.client, crowd);
  await site.client.query('vacuum (analyze)');
  const answers = new Answers(site);
  await answers.start(creditAuthorizations);
  const load = async (what: string, crowd: Crowd): Promise<AdjudicationLoad> => {
    answers.await('CreditAuthorized');
    const measured = progress.step(what, (update) =>
      answered(site, answers, { what, crowd, event: visitOpened, visits, update }),
    );
    const found = await Promise.race([measured, site.process.died]);
    answers.check();
    return found;
  };
  const loads = [await load('one line', hot), await load('a line each', cold)] as const;
  await site.process.stop();
  const faults = [...answers.faults, ...(await lineFaults(site))];
  const deadlocks = await deadlocksOf(site);
  if (deadlocks > 0) faults.push(`${deadlocks} transactions deadlocked`);
  const raw = await progress.step('raw limits', () => rawLines(site.client));
  const settings = {
    ...{ visits, cores: availableParallelism(), node: process.version, loadAverage },
  };
  return { bench: 'credit', ...ratesOf(loads, raw), deadlocks, settings, faults };
};

/** Lines that are exceeded, or that are not the sum of their holds. */
const lineFaults = async ({ client }: LoneSite): Promise<readonly string[]> => {
  const { rows } = await client.query<{ exceeded: number; other: number }>(`
    select count(*) filter (where held_fen + outstanding_fen > line_fen)::int as exceeded,
      count(*) filter (where held_fen <> coalesce(holds.fen, 0))::int as other
    from credit.account left join (
      select account_person_id, sum(held_fen)::bigint as fen from credit.hold group by 1
    ) as holds using (account_person_id)`);
  const { exceeded, other } = rows[0]!;
  return [
    ...(exceeded > 0 ? [`${exceeded} lines are exceeded`] : []),
    ...(other > 0 ? [`${other} lines are not the sum of their holds`] : []),
  ];
};
