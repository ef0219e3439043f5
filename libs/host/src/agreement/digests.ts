import { createHash } from 'node:crypto';
import { AGREEMENT_BUCKETS, type AgreementDay, type VisitStanding } from '@caretab/contracts';

/** What of a visit is compared: its verdict, or the money that moved for it. */
export type Aspect = 'verdicts' | 'money';

const MODULUS = 1n << 256n;
const SUM_HEX_DIGITS = 64;

const hashOf = (text: string): bigint =>
  BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);

const partsOf = ({ payers }: VisitStanding): string => {
  const sums = new Map<string, number>();
  for (const { payerId, amountFen } of payers)
    sums.set(payerId, (sums.get(payerId) ?? 0) + amountFen);
  return [...sums]
    .filter(([, amountFen]) => amountFen !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([payerId, amountFen]) => `${payerId}=${amountFen}`)
    .join(',');
};

/** An aspect of a visit as one text: equal texts, equal facts. */
export const textOf = (line: VisitStanding, aspect: Aspect): string =>
  aspect === 'verdicts'
    ? `${line.visitId} ${line.revision} ${line.dueFen} ${partsOf(line)}`
    : `${line.visitId} ${line.paidFen} ${line.refundedFen}`;

export const bucketOf = (visitId: string): number =>
  createHash('sha256').update(visitId).digest()[0]! % AGREEMENT_BUCKETS;

/**
 * Digests of a day's visits by bucket: per aspect the sum, modulo 2²⁵⁶, of the SHA-256 of each
 * visit's text. The order of the visits does not matter: two databases may sort texts differently.
 */
export class DayDigest {
  private readonly buckets = Array.from({ length: AGREEMENT_BUCKETS }, () => ({
    visits: 0,
    verdicts: 0n,
    money: 0n,
  }));

  add(line: VisitStanding): void {
    const bucket = this.buckets[bucketOf(line.visitId)]!;
    bucket.visits += 1;
    for (const aspect of ['verdicts', 'money'] as const)
      bucket[aspect] = (bucket[aspect] + hashOf(textOf(line, aspect))) % MODULUS;
  }

  result(): AgreementDay['buckets'] {
    const hex = (sum: bigint): string => sum.toString(16).padStart(SUM_HEX_DIGITS, '0');
    return this.buckets.map(({ visits, verdicts, money }) => ({
      visits,
      verdicts: hex(verdicts),
      money: hex(money),
    }));
  }
}
