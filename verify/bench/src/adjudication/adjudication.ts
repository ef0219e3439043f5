import { availableParallelism, loadavg } from 'node:os';
import {
  adjudicationClaims,
  type ContractMessage,
  creditAuthorizations,
  identityInstitutions,
  visitLedgerVisits,
} from '@caretab/contracts';
import { onTheWire, registrations } from '../charges';
import { between, deadlocksOf, type Reading, readingOf } from '../lone/reading';
import { type LoneSite, startLone } from '../lone/site';
import { type Database, type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { Answers } from './answers';
import type { AdjudicationOptions } from './options';
import { type RawClaims, rawClaims } from './raw';
import { type AdjudicationLoad, type AdjudicationResult, resultOf } from './report';
import { type Crowd, fillLines, fillMembers, visitClosed, visitOpened } from './visits';

/** Visits under way at once, and how many are sent together. */
const WINDOW = 2_000;
const CHUNK = 200;
/** Parts of a load: while it begins and while it runs out nothing is measured. */
const STEADY_FROM = 0.2;
const STEADY_TO = 0.95;
const MANY: Crowd = { load: 'many', persons: 1_000 };
const FEW: Crowd = { load: 'few', persons: 60 };
const CLAIMS = { many: 'claims, 1,000 persons', few: 'claims, 60 persons' } as const;

/** One run. Rejects when it is void before its end. */
export const adjudication = (
  options: AdjudicationOptions,
  progress: Progress,
): Promise<AdjudicationResult> =>
  onMachine(progress, (machine) => new Run(options, progress, machine).measure());

interface Load {
  readonly what: string;
  readonly crowd: Crowd;
  readonly event: (crowd: Crowd, number: number) => ContractMessage;
  readonly answer: string;
}

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
    const measured = this.progress.step(load.what, (update) =>
      this.sent(site, answers, load, update),
    );
    this.loads.push(await Promise.race([measured, site.process.died]));
    answers.check();
    this.faults.push(...answers.faults.splice(0));
  }

  /** Sends every visit's event, never more than a window ahead of the answers. */
  private async sent(
    site: LoneSite,
    answers: Answers,
    { what, crowd, event }: Load,
    update: (text: string) => void,
  ): Promise<AdjudicationLoad> {
    const { visits } = this.options;
    const messages = Array.from({ length: visits }, (_, number) => onTheWire(event(crowd, number)));
    let before: { readonly reading: Reading; readonly count: number } | undefined;
    let found: AdjudicationLoad | undefined;
    for (let sent = 0; answers.count < visits;) {
      const room = Math.min(CHUNK, WINDOW - (sent - answers.count), visits - sent);
      if (room < Math.min(CHUNK, visits - sent) || room === 0) await answers.next();
      else {
        await site.bus.send(visitLedgerVisits.name, messages.slice(sent, sent + room));
        sent += room;
      }
      update(`${answers.count} answered`);
      if (!before && answers.count >= visits * STEADY_FROM)
        before = { reading: await readingOf(site), count: answers.count };
      else if (before && !found && answers.count >= visits * STEADY_TO) {
        const units = answers.count - before.count;
        const spent = between(before.reading, await readingOf(site), units, site);
        found = { what, persons: crowd.persons, ...spent };
      }
    }
    if (!found) throw new Error(`${what} were answered at once; give more --visits`);
    return found;
  }
}
