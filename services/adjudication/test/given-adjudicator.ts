import type { Adjudication } from '@caretab/benefits';
import { contentHash } from '@caretab/kernel';
import type { Adjudicator, VerdictAnswer, VerdictQuestion } from '../src/adjudicator/adjudicator';

/** Another who decides: awaited until it is given a verdict on the visit, which it then keeps. */
export class GivenAdjudicator implements Adjudicator {
  readonly asked: VerdictQuestion[] = [];
  private readonly given = new Map<string, (question: VerdictQuestion) => Adjudication>();
  private readonly decided = new Map<string, Adjudication>();

  give(visitId: string, decide: (question: VerdictQuestion) => Adjudication): void {
    this.given.set(visitId, decide);
  }

  async adjudicate(question: VerdictQuestion): Promise<VerdictAnswer> {
    this.asked.push(question);
    const key = contentHash([question.visitId, question.revision]);
    const decide = this.given.get(question.visitId);
    const verdict = this.decided.get(key) ?? decide?.(question);
    if (!verdict) return { state: 'awaited' };
    this.decided.set(key, verdict);
    return { state: 'decided', verdict };
  }
}
