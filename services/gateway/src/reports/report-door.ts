import { reporterOf } from '@caretab/contracts';
import { isFinal, type ReceivedMessage } from '@caretab/bus';
import type { Leave } from '../admission/admission';
import type { Intake } from '../intake/intake';
import { type Report, submissionOf } from './report';

/** What became of a report here. */
export type Taken = 'accepted' | 'repeated' | 'test' | 'refused';

/** Visits of a batch that are taken side by side: each opening asks identity. */
const LANES = 16;

interface Received {
  readonly report: Report;
  readonly message: ReceivedMessage;
}

/**
 * A hospital's own topic in: each message is accepted durably or refused by name as what comes over
 * HTTP, or it is left on its topic.
 */
export class ReportDoor {
  constructor(
    private readonly parts: {
      readonly intake: Pick<Intake, 'accept'>;
      readonly admit: (institutionId: string) => Promise<Leave>;
      readonly counted: (taken: Taken) => void;
    },
  ) {}

  /**
   * Takes messages of one topic over: visits side by side, one visit in order. A message that was
   * taken before changes nothing, so a batch may be given again. Throws what the intake throws, and
   * OVERLOADED (overloaded).
   */
  async takeOver(received: readonly Received[]): Promise<void> {
    const [first] = received;
    if (!first) return;
    const leave = await this.parts.admit(reporterOf(first.message.topic));
    try {
      const visits = [...byVisit(received).values()];
      const lane = async (): Promise<void> => {
        for (let visit = visits.shift(); visit; visit = visits.shift())
          for (const one of visit) await this.take(one);
      };
      const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
      const failed = lanes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
    } finally {
      leave();
    }
  }

  private async take({ report, message }: Received): Promise<void> {
    const { topic, headers, value } = message;
    const raw = Buffer.from(JSON.stringify({ headers, value }), 'utf8');
    try {
      const submission = submissionOf(report, { institutionId: reporterOf(topic), topic });
      const { repeated, test } = await this.parts.intake.accept(submission, raw);
      this.parts.counted(test ? 'test' : repeated ? 'repeated' : 'accepted');
    } catch (error) {
      if (isFinal(error)) this.parts.counted('refused');
      throw error;
    }
  }
}

const byVisit = (received: readonly Received[]): ReadonlyMap<string, Received[]> => {
  const visits = new Map<string, Received[]>();
  for (const one of received) {
    const visit = visits.get(one.message.key) ?? [];
    visit.push(one);
    visits.set(one.message.key, visit);
  }
  return visits;
};
