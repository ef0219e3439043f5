import type { Coverage } from '@caretab/contracts';
import { explain, type Verdict, verdictView } from '@caretab/plans';
import { plansOfTerms } from './coverage-rules';

/**
 * Which rule of which version took what of a claim, because of which numbers: the structure that
 * `caretab adjudicate` prints, and its two renderings.
 */
export const explained = (coverage: Coverage, kept: Verdict, claim: string) => {
  const verdict = { ...kept, claim };
  const plans = plansOfTerms(coverage);
  return {
    zh: explain(verdict, plans, 'zh'),
    en: explain(verdict, plans, 'en'),
    verdict: verdictView(verdict),
  };
};
