import type { Adjudication, ClaimDays } from '@caretab/benefits';
import type { ClaimLine, Coverage } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';

/** A closed visit on which a verdict is asked: who is covered how, and what was charged. */
export interface VerdictQuestion {
  readonly visitId: string;
  /** Of the closing: each revision is a question of its own. */
  readonly revision: number;
  readonly personId: string;
  readonly institutionId: string;
  /** With the accumulators as they stand in the claim's place in the year. */
  readonly coverage: Coverage;
  readonly lines: readonly ClaimLine[];
  readonly days: ClaimDays;
}

/**
 * `decided`: this verdict is settled and posted, whatever our engine would say. `awaited`: the
 * question is known to who decides, who has not answered yet.
 */
export type VerdictAnswer =
  { readonly state: 'decided'; readonly verdict: Adjudication } | { readonly state: 'awaited' };

/**
 * Who decides what plans bear of a closed visit: our engine, or the region's centre.
 *
 * - Asked within the transaction that settles the claim. It waits for no one outside: what goes
 *   elsewhere is put into a queue, as rows of this transaction, and the answer is `awaited`.
 * - `awaited` rolls the claim back, and the visit is asked again later: the queue's row has to be
 *   written apart from it, or before it. Other visits go on meanwhile.
 * - The same question again has the same answer, once it is decided: a repetition asks no one twice.
 * - A verdict balances: gross = Σ payers + patient's due, and so do its lines. One that does not is
 *   no verdict: it is kept as a doubt, and the answer stays `awaited` until a person looked.
 * - Of the centre: its verdict is the verdict, and our engine's is the pre-settlement. Where they
 *   differ, the adapter keeps both in a table of its own, to be shown; it never posts the difference.
 */
export interface Adjudicator {
  adjudicate(question: VerdictQuestion, transaction: Transaction): Promise<VerdictAnswer>;
}
