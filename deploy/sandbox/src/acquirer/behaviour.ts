import { createHash } from 'node:crypto';

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
        | 'refund-refused-twice'
        | 'refund-unforeseen'
        | 'charged-back';
    }
  | { readonly kind: 'late'; readonly delayMs: number }
  /** For so long there is no answer about the order, which was taken; or 401, and it was not. */
  | { readonly kind: 'silent' | 'unauthorized'; readonly forMs: number };

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
  'refund-unforeseen',
  'charged-back',
] as const;
const DELAY_MS_MAX = 60_000;
const HOUR_MS = 3_600_000;

/** Reads `…:ok`, `…:late-3000`, `…:silent-24h` and so on; a token that asks for nothing known behaves well. */
export const behaviourOf = (accountToken: string): Behaviour => {
  const suffix = accountToken.slice(accountToken.lastIndexOf(':') + 1);
  const late = /^late-(\d{1,5})$/.exec(suffix);
  if (late) return { kind: 'late', delayMs: Math.min(Number(late[1]), DELAY_MS_MAX) };
  const away = /^(silent|unauthorized)-(\d{1,4})h$/.exec(suffix);
  if (away) return { kind: away[1] as 'silent' | 'unauthorized', forMs: Number(away[2]) * HOUR_MS };
  return { kind: PLAIN.find((kind) => kind === suffix) ?? 'ok' };
};

/** The share of an order that an account gives that has not enough. */
const PART = 0.4;

const KEPT: readonly string[] = [
  'refund-refused',
  'refund-refused-twice',
  'refund-unforeseen',
  'charged-back',
];

/** How an account is captured from: a part where it has no more; and how it behaves afterwards. */
export const capturedAs = (
  behaviour: Behaviour,
  amountFen: number,
): { readonly amountFen?: number; readonly behaviour?: string; readonly silentMs?: number } => ({
  ...(behaviour.kind === 'part' && { amountFen: Math.ceil(amountFen * PART) }),
  ...(KEPT.includes(behaviour.kind) && { behaviour: behaviour.kind }),
  ...(behaviour.kind === 'silent' && { silentMs: behaviour.forMs }),
});

/** An account as it is verified; one that ends in `:unknown` is not there, and `:unverified` is silent. */
export const accountOf = (
  accountToken: string,
): { readonly status: 'verified'; readonly reference: string } | 'silent' | undefined => {
  if (accountToken.endsWith(':unknown')) return undefined;
  if (accountToken.endsWith(':unverified')) return 'silent';
  const digest = createHash('sha256').update(accountToken).digest('hex').slice(0, 16);
  return { status: 'verified', reference: `account-${digest}` };
};
