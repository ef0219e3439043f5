import type { LinePolicyDocument } from '@caretab/contracts';
import { assert, type Clock, contentHash, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import type { Account } from '../account/account';
import type { Accounts } from '../account/accounts';
import { subjectTable } from '../enrolment/enrolment.table';
import { keepsScoreBack } from '../enrolment/consent';
import { lineChanged } from '../policy/line-changed';
import type { LinePolicies } from '../policy/line-policies';
import { lineFor } from '../policy/line-policy';
import { type ScoreDetails, type ScoreRow, scoreTable } from './score.table';
import { expiryOf, isExpired, warningOf } from './score-terms';

/** What the credit authority says of a person. */
export interface Scored extends ScoreDetails {
  readonly score: number;
  readonly scoredAt: Date;
  /** Where the authority says so; else the policy in force does. */
  readonly expiresAt?: Date | undefined;
  /** The other person who approved that it changes. */
  readonly approvedBy?: string | undefined;
}

/** What became of a score; the line where it is open. */
interface Taken {
  readonly score: number;
  readonly lineFen?: number;
  readonly expiresAt?: Date;
}

const conflict = (
  code:
    'SCORE_OUTDATED' | 'SCORE_CONFLICT' | 'SCORE_EXPIRED' | 'APPROVAL_NEEDED' | 'CONSENT_REVOKED',
  personId: string,
): DomainError => new DomainError(code, 'conflict', { personId });

/** What the credit authority says of persons. Locks are taken in the order score, account. */
export class Scores {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly policies: LinePolicies;
    },
  ) {}

  /**
   * Takes a score (0..1000); an open line follows it at once. The same again changes nothing; a
   * known one is changed only with an approval. Throws SCORE_DIMENSION_UNKNOWN (invalid),
   * CONSENT_REVOKED, SCORE_EXPIRED, SCORE_CONFLICT (something else of the same moment),
   * SCORE_OUTDATED (a later one is known), APPROVAL_NEEDED (all conflict).
   */
  put(personId: string, scored: Scored): Promise<Taken> {
    return this.parts.store.transact(async (transaction) => {
      const subject = await transaction.rows(subjectTable).get({ personId });
      if (keepsScoreBack(subject)) throw conflict('CONSENT_REVOKED', personId);
      return this.putIn(transaction, personId, scored);
    });
  }

  /** As put, in a transaction of the caller's, and whether the person wants scores taken in or not. */
  async putIn(transaction: Transaction, personId: string, scored: Scored): Promise<Taken> {
    const { policies, accounts } = this.parts;
    const { document } = await policies.inForceIn(transaction);
    const row = rowOf(personId, scored, document);
    if (isExpired(row.expiresAt, this.parts.clock.now())) throw conflict('SCORE_EXPIRED', personId);
    const isFresh = await transaction.rows(scoreTable).insertIfAbsent(row);
    const known = await transaction.rows(scoreTable).get({ personId }, { lock: 'wait' });
    assert(known, 'a score that was put is there');
    const isAgain = checked(known, row, scored.approvedBy);
    const account = await accounts.lock(transaction, personId);
    // What is known of it may have been warned of.
    if (!isFresh && !isAgain) await transaction.rows(scoreTable).save(row);
    const { score, expiresAt } = isAgain ? known : row;
    const answer = { score, ...(expiresAt && { expiresAt }) };
    if (account?.status !== 'open') return answer;
    return { ...answer, lineFen: await this.follow(transaction, account, isAgain ? known : row) };
  }

  /** A person's score as they may see it. Throws SCORE_UNKNOWN (not-found). */
  async show(personId: string, within?: readonly Whose[]) {
    const { store } = this.parts;
    const row = await store.transact(
      (transaction) => transaction.rows(scoreTable).get({ personId }),
      { within },
    );
    if (!row) throw new DomainError('SCORE_UNKNOWN', 'not-found', { personId });
    return store.transact(async (transaction) => {
      const { document } = await this.parts.policies.inForceIn(transaction);
      const { score, scoredAt, expiresAt, details } = row;
      const said = details?.dimensions ?? {};
      return {
        ...{ personId, score, scoredAt, expiresAt },
        expired: isExpired(expiresAt, this.parts.clock.now()),
        whenExpired: document.score?.whenExpired ?? ('keep' as const),
        modelVersion: details?.modelVersion ?? null,
        // In the order of the policy.
        dimensions: (document.score?.dimensions ?? []).flatMap(({ code, title }) => {
          const points = said[code];
          return points === undefined ? [] : [{ code, points, title }];
        }),
        reasons: details?.reasons ?? [],
      };
    });
  }

  /** A line that was merged follows what became of its score meanwhile. The caller holds it. */
  async catchUp(transaction: Transaction, account: Account): Promise<void> {
    const personId = account.accountPersonId;
    const known = await transaction.rows(scoreTable).get({ personId });
    if (known && account.status === 'open') await this.follow(transaction, account, known);
  }

  /** The open line follows the score; says so where it changes. Returns the line. */
  private async follow(
    transaction: Transaction,
    account: Account,
    { personId, score, scoredAt, expiresAt }: ScoreRow,
  ): Promise<number> {
    const { accounts, policies, clock } = this.parts;
    const line = lineFor(score, await policies.followedBy(transaction, account.policyId));
    const { lineFen, policyId } = line;
    const set = { score, ...line, scoreExpiresAt: expiresAt };
    if (
      account.score === score &&
      account.lineFen === lineFen &&
      account.policyId === policyId &&
      account.scoreExpiresAt?.getTime() === expiresAt?.getTime()
    )
      return lineFen;
    const causeId = derivedId('score', personId, scoredAt.toISOString());
    await accounts.post(transaction, account, { kind: 'LineSet', note: policyId, set }, causeId);
    if (account.lineFen !== lineFen) {
      const options = { causeId, time: clock.now() };
      transaction.publish(lineChanged(account, { ...line, reason: 'SCORE_CHANGED' }, options));
    }
    return lineFen;
  }
}

const rowOf = (personId: string, scored: Scored, document: LinePolicyDocument): ScoreRow => {
  const { score, scoredAt, modelVersion, dimensions, reasons } = scored;
  const known = new Set(document.score?.dimensions.map(({ code }) => code));
  for (const code of Object.keys(dimensions ?? {}))
    if (!known.has(code))
      throw new DomainError('SCORE_DIMENSION_UNKNOWN', 'invalid', { field: '/dimensions' });
  const expiresAt = expiryOf(document, scoredAt, scored.expiresAt);
  return {
    ...{ personId, score, scoredAt, expiresAt, warnAt: warningOf(document, expiresAt) },
    details: JSON.parse(JSON.stringify({ modelVersion, dimensions, reasons })) as ScoreDetails,
  };
};

/** Whether the same is known already. */
const checked = (known: ScoreRow, row: ScoreRow, approvedBy: string | undefined): boolean => {
  const { personId, scoredAt, score } = row;
  const isAgain = known.scoredAt.getTime() === scoredAt.getTime();
  if (known.scoredAt > scoredAt) throw conflict('SCORE_OUTDATED', personId);
  const isOther =
    known.score !== score ||
    // Of who was forgotten, and by a release before, the figure alone is known.
    (known.details !== null && contentHash(known.details) !== contentHash(row.details));
  if (isAgain && isOther) throw conflict('SCORE_CONFLICT', personId);
  if (known.score !== score && approvedBy === undefined)
    throw conflict('APPROVAL_NEEDED', personId);
  return isAgain;
};
