import type { Random } from '@caretab/doubles';
import type { Reply } from './controller-door';

type Fields = Record<string, unknown>;

/** The answer to another order or refund, which did go well. */
const anothersAnswer = (truth: Fields): Fields => ({
  ...truth,
  ...('refundId' in truth ? { refundId: 'another-refund' } : { orderId: 'another-order' }),
  status: 'refundId' in truth ? 'refunded' : 'captured',
  reference: 'another-reference',
  capturedAt: '2026-03-02T01:00:00.000Z',
  refundedAt: '2026-03-02T01:00:00.000Z',
});

/** Answers that fit neither the order nor the bank's own book, which stays as it is. */
const LIES: readonly ((truth: Fields) => Fields)[] = [
  // Above what was ordered, also where a part of it was captured.
  ({ amountFen, ...truth }) => ({ ...truth, amountFen: (amountFen as number) * 3 + 1 }),
  ({ amountFen, ...truth }) => ({ ...truth, amountFen: (amountFen as number) / 2 + 0.25 }),
  (truth) => ({ ...truth, currency: 'USD' }),
  ({ reference: _reference, ...truth }) => truth,
  (truth) => ({ ...truth, status: 'reversed' }),
  anothersAnswer,
];
/** A word of ours and words of the bank's own. */
const REFUSALS = ['TRY_LATER', 'refund.limit-reached', 4711] as const;

/** What a bank answers instead of the truth; the truth where no lie fits it. */
export const lieInstead = ({ status, body }: Reply, random: Random): Reply => {
  if (status !== 200 || !('amountFen' in (body as object))) return { status, body };
  const truth = body as Fields;
  const lie = truth['status'] === 'declined' ? anothersAnswer : random.pick(LIES);
  return { status, body: lie(truth) };
};

/** A refusal of a refund that nothing stands against. */
export const groundlessRefusal = (random: Random): Reply => ({
  status: random.pick([400, 409, 422]),
  body: { code: random.pick(REFUSALS) },
});
