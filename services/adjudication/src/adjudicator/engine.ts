import { adjudicate } from '@caretab/benefits';
import type { Adjudicator, VerdictAnswer, VerdictQuestion } from './adjudicator';

/** Our engine: plans and tables as the platform has them; it is never awaited. */
export class EngineAdjudicator implements Adjudicator {
  async adjudicate({ coverage, lines, days }: VerdictQuestion): Promise<VerdictAnswer> {
    return { state: 'decided', verdict: adjudicate(coverage, lines, days) };
  }
}
