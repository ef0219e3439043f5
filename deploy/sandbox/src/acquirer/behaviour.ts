/** How an account behaves when it is charged: the last part of its token, after the colon. */
export type Behaviour =
  | {
      readonly kind:
        | 'ok'
        | 'declined'
        | 'declined-once'
        | 'no-answer-captured'
        | 'no-answer-lost'
        | 'processing'
        | 'error-once'
        | 'part'
        | 'refund-refused'
        | 'refund-refused-twice';
    }
  | { readonly kind: 'late'; readonly delayMs: number };

const PLAIN = [
  'ok',
  'declined',
  'declined-once',
  'no-answer-captured',
  'no-answer-lost',
  'processing',
  'error-once',
  'part',
  'refund-refused',
  'refund-refused-twice',
] as const;
const DELAY_MS_MAX = 60_000;

/** Reads `…:ok`, `…:late-3000` and so on; a token that asks for nothing known behaves well. */
export const behaviourOf = (accountToken: string): Behaviour => {
  const suffix = accountToken.slice(accountToken.lastIndexOf(':') + 1);
  const late = /^late-(\d{1,5})$/.exec(suffix);
  if (late) return { kind: 'late', delayMs: Math.min(Number(late[1]), DELAY_MS_MAX) };
  return { kind: PLAIN.find((kind) => kind === suffix) ?? 'ok' };
};

/** The share of an order that an account gives that has not enough. */
const PART = 0.4;

/** How an account is captured from: a part where it has no more; and how it behaves at refunds. */
export const capturedAs = (
  kind: string,
  amountFen: number,
): { readonly amountFen?: number; readonly behaviour?: string } => ({
  ...(kind === 'part' && { amountFen: Math.ceil(amountFen * PART) }),
  ...(kind.startsWith('refund-') && { behaviour: kind }),
});
