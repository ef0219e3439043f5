import type { Scored } from './scores';

/** Who is asked about, by the id under which the platform pushes scores too. */
export interface ScoreQuestion {
  /** The same at every repetition. */
  readonly queryId: string;
  readonly personId: string;
}

/**
 * `unknown`: the platform has no score of the person · `no-answer`: nothing usable came, and it is asked
 * again · `contradiction`: the answer cannot be; nothing is taken from it. The reason is a code.
 */
export type ScoreAnswer =
  | { readonly status: 'scored'; readonly scored: Scored }
  | { readonly status: 'unknown' | 'no-answer' }
  | { readonly status: 'contradiction'; readonly reason: string };

/** The city's credit platform, as far as it is asked. It never throws for what a network does. */
export interface CreditPlatform {
  ask(question: ScoreQuestion): Promise<ScoreAnswer>;
}
