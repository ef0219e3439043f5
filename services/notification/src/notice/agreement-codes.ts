import { createHash } from 'node:crypto';
import { DAY_MS } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { instantColumn, type Store, table, textColumn, type Transaction } from '@caretab/store';
import type { NoticeRow } from './notice.table';

/** The code that a notice with a question was sent with; only its hash is kept. */
export interface AgreementCodeRow {
  readonly noticeId: string;
  readonly codeHash: string;
  readonly visitId: string;
  /** The late charge that is asked about; null, and without a link: whether the visit is theirs. */
  readonly chargeId: string | null;
  /** The proposal of who an unidentified patient is that is asked about. */
  readonly linkId: string | null;
  readonly expiresAt: Date;
}

export const agreementCodeTable = table<AgreementCodeRow>({
  name: 'agreement_code',
  columns: {
    noticeId: textColumn('notice_id', { primary: true }),
    codeHash: textColumn('code_hash'),
    visitId: textColumn('visit_id'),
    chargeId: textColumn('charge_id', { nullable: true }),
    linkId: textColumn('link_id', { nullable: true }),
    expiresAt: instantColumn('expires_at'),
  },
});

/** What is asked: about a late charge, who an unidentified patient is, or else a whole visit. */
interface AskedBy {
  readonly visitId: string;
  readonly chargeId?: string;
  readonly linkId?: string;
}

const VALID_MS = 30 * DAY_MS;
const CODE_BYTES = 16;

const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex');

/**
 * Codes by which citizens answer the question of a notice. One is made as it is sent: 128 random
 * bits. A notice that is sent again has a new one, and the former ends: hence no worker makes one that
 * may not send. Only the visit ledger, or payment, knows whether an answer is still awaited.
 */
export class AgreementCodes {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      /** So many bytes that no one can guess. */
      readonly randomness: (bytes: number) => Buffer;
    },
  ) {}

  /** Makes the code of a notice. Codes that have expired are deleted. */
  async issue(
    { noticeId, facts }: Pick<NoticeRow, 'noticeId' | 'facts'>,
    transaction: Transaction,
  ): Promise<string> {
    const { clock, randomness } = this.parts;
    const code = randomness(CODE_BYTES).toString('base64url');
    const codes = transaction.rows(agreementCodeTable);
    const now = clock.now();
    await codes.delete({ expiresAt: { lte: now } });
    await codes.save({
      noticeId,
      codeHash: hashOf(code),
      visitId: String(facts['visitId']),
      chargeId: facts['chargeId'] === undefined ? null : String(facts['chargeId']),
      linkId: facts['linkId'] === undefined ? null : String(facts['linkId']),
      expiresAt: new Date(now.getTime() + VALID_MS),
    });
    return code;
  }

  /** Which charge, link or visit a code is for. Throws AGREEMENT_UNKNOWN (not-found). */
  resolve(code: string): Promise<AskedBy> {
    const { store, clock } = this.parts;
    return store.transact(async (transaction) => {
      const row = await transaction
        .rows(agreementCodeTable)
        .get({ codeHash: hashOf(code), expiresAt: { gt: clock.now() } });
      if (!row) throw new DomainError('AGREEMENT_UNKNOWN', 'not-found');
      const { visitId, chargeId, linkId } = row;
      return {
        visitId,
        ...(chargeId !== null && { chargeId }),
        ...(linkId !== null && { linkId }),
      };
    });
  }
}
