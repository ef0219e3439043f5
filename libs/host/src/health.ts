import type { Timers } from '@caretab/kernel';
import type { Bus } from '@caretab/bus';
import type { ParkedByService } from './operator.controller';

const ANSWER_TIMEOUT_MS = 2000;
export interface HealthParts {
  readonly parked: ParkedByService;
  readonly bus: Bus;
  /** Names of topics this process knows of; one of them is asked for. */
  readonly topics: readonly string[];
  readonly timers: Timers;
}

/** What probes and people ask a process about itself. */
export class Health {
  /** Doors, consumers and jobs are up, and it was not asked to stop. */
  isStarted = false;

  constructor(private readonly parts: HealthParts) {}

  /** Services of this process whose database does not answer. */
  async databasesDown(): Promise<string[]> {
    const outcomes = await Promise.all(
      [...this.parts.parked].map(async ([name, parked]) => ({
        name,
        up: await this.answers(parked.count()),
      })),
    );
    return outcomes.filter(({ up }) => !up).map(({ name }) => name);
  }

  /**
   * Reads the lag of a group without members, which changes nothing; its name starts with the
   * service's, as its ACLs require.
   */
  async busAnswers(): Promise<boolean> {
    const [service] = this.parts.parked.keys();
    return this.answers(this.parts.bus.lag(`${service}.health`, this.parts.topics.slice(0, 1)));
  }

  /** An answer after the timeout counts as none: a probe needs it now. */
  private async answers(question: Promise<unknown>): Promise<boolean> {
    const deadline = new AbortController();
    const late = this.parts.timers.sleep(ANSWER_TIMEOUT_MS, deadline.signal).then(() => false);
    const answer = await Promise.race([
      question.then(
        () => true,
        () => false,
      ),
      late,
    ]);
    deadline.abort();
    return answer;
  }
}
