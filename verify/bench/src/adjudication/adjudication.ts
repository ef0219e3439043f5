import { availableParallelism, loadavg } from 'node:os';
import { adjudicationClaims, creditAuthorizations, identityInstitutions } from '@caretab/contracts';
import { onTheWire, registrations } from '../charges';
import { answered, type AnsweredLoad, WINDOW } from './answered';
import { deadlocksOf } from '../lone/reading';
import { type LoneSite, startLone } from '../lone/site';
import { type Database, type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { Answers } from './answers';
import type { AdjudicationOptions } from './options';
import { type RawClaims, rawClaims } from './raw';
import { type AdjudicationLoad, type AdjudicationResult, resultOf } from './report';
import { type Crowd, fillLines, fillMembers, visitClosed, visitOpened } from './visits';

const MANY: Crowd = { load: 'many', persons: 1_000 };
const FEW: Crowd = { load: 'few', persons: 60 };
const CLAIMS = { many: 'claims, 1,000 persons', few: 'claims, 60 persons' } as const;

/** One run. Rejects when it is void before its end. */
export const adjudication = (
  options: AdjudicationOptions,
  progress: Progress,
): Promise<AdjudicationResult> =>
  onMachine(progress, (machine) => new Run(options, progress, machine).measure());

type Load = Omit<AnsweredLoad, 'visits' | 'update'> & { readonly answer: string };

class Run {
  private readonly loads: AdjudicationLoad[] = [];
  private readonly faults: string[] = [];

  constructor(
    private readonly options: AdjudicationOptions,
    private readonly progress: Progress,
    private readonly machine: Machine,
  ) {}

  async measure(): Promise<AdjudicationResult> {
    const loadAverage = loadavg()[0]!.toFixed(2);
    const database = await this.progress.step('PostgreSQL', (update) =>
      this.machine.database(update, true),
    );
    const raw = await this.claims(database);
    const deadlocks = await this.holds(database);
    if (deadlocks > 0) this.faults.push(`${deadlocks} transactions deadlocked`);
    return {
      bench: 'adjudication',
      ...resultOf(this.loads, raw, [CLAIMS.many, CLAIMS.few]),
      deadlocks,
      settings: {
        visits: this.options.visits,
        window: WINDOW,
        cores: availableParallelism(),
        node: process.version,
        loadAverage,
      },
      faults: this.faults,
    };
  }

  private async claims(database: Database): Promise<RawClaims> {
    const site = await this.start('adjudication', database);
    for (const crowd of [MANY, FEW]) await fillMembers(site.client, crowd);
    await site.client.query('vacuum (analyze)');
    await site.bus.send(identityInstitutions.name, registrations().map(onTheWire));
    const answers = new Answers(site);
    await answers.start(adjudicationClaims);
    const [event, answer] = [visitOpened, 'CoverageDetermined'];
    const closed = { event: visitClosed, answer: 'ClaimAdjudicated' };
    for (const load of [
      { what: 'coverages, 1,000 persons', crowd: MANY, event, answer },
      { what: 'coverages, 60 persons', crowd: FEW, event, answer },
      { what: CLAIMS.many, crowd: MANY, ...closed },
      { what: CLAIMS.few, crowd: FEW, ...closed },
    ])
      await this.load(site, answers, load);
    await site.process.stop();
    return this.progress.step('raw limits', () => rawClaims(site.client));
  }

  private async holds(database: Database): Promise<number> {
    const site = await this.start('credit', database);
    for (const crowd of [MANY, FEW]) await fillLines(site.client, crowd);
    await site.client.query('vacuum (analyze)');
    const answers = new Answers(site);
    await answers.start(creditAuthorizations);
    for (const [what, crowd] of [
      ['holds, 1,000 persons', MANY],
      ['holds, 60 persons', FEW],
    ] as const)
      await this.load(site, answers, {
        what,
        crowd,
        event: visitOpened,
        answer: 'CreditAuthorized',
      });
    await site.process.stop();
    return deadlocksOf(site);
  }

  private start(service: 'adjudication' | 'credit', database: Database): Promise<LoneSite> {
    return this.progress.step(`${service}, a process of its own`, () =>
      startLone(this.machine, service, { database, profileDir: this.options.profileDir }),
    );
  }

  private async load(site: LoneSite, answers: Answers, load: Load): Promise<void> {
    answers.await(load.answer);
    const { visits } = this.options;
    const measured = this.progress.step(load.what, (update) =>
      answered(site, answers, { ...load, visits, update }),
    );
    this.loads.push(await Promise.race([measured, site.process.died]));
    answers.check();
    this.faults.push(...answers.faults.splice(0));
  }
}
