import { type AcquirerEntry, acquirerFindings, type Reconciled } from './audit-acquirer';
import type { ChainStory } from './audit-chain';
import { type CreditBooks, creditFindings } from './audit-credit';
import { doorFindings, type ParkedRow, type QuarantineRow } from './audit-doors';
import { handsFindings, type SetAsideRow } from './audit-hands';
import { ledgerFindings, type LedgerStory } from './audit-ledger';
import { type Delivered, noticeFindings, type NoticeRow } from './audit-notices';
import { type PaymentBooks, paymentFindings } from './audit-payment';
import type { SecretSearch } from './audit-secrets';
import { type ClaimRow, sharesFinding } from './audit-shares';
import type { TopicStory } from './audit-topics';
import { viewFindings, type Views } from './audit-views';
import type { SentRecord } from './sent-record';
import type { Finding } from './finding';

/**
 * Everything that is judged: the tables of every service, every message of every topic,
 * and the records of those outside.
 */
export interface Evidence {
  readonly book: SentRecord;
  readonly story: LedgerStory;
  readonly chain: ChainStory;
  /** What the ledger's own proof says. */
  readonly proof: {
    readonly intact: boolean;
    readonly events: number;
    readonly faults: readonly unknown[];
  };
  readonly topics: TopicStory;
  readonly credit: CreditBooks;
  readonly payment: PaymentBooks;
  readonly claims: readonly ClaimRow[];
  readonly acquirer: readonly AcquirerEntry[];
  readonly reconciled: readonly Reconciled[];
  readonly views: Views;
  readonly notices: readonly NoticeRow[];
  readonly delivered: Delivered;
  readonly parked: readonly ParkedRow[];
  readonly setAside: readonly SetAsideRow[];
  readonly quarantine: readonly QuarantineRow[];
  readonly secrets: SecretSearch;
}

/** The promises of the platform, each held against the evidence. Pure. */
export const findingsOf = (evidence: Evidence): Finding[] => {
  const {
    book,
    story,
    chain,
    proof,
    topics,
    credit,
    payment,
    claims,
    acquirer,
    reconciled,
    views,
    notices,
    delivered,
    parked,
    setAside,
    quarantine,
    secrets,
  } = evidence;
  return [
    ...ledgerFindings(book, story),
    ...topics.findings(book, story),
    ...creditFindings(credit, story),
    ...paymentFindings(payment, story),
    sharesFinding(story, claims, payment.collections, topics.settlements.values()),
    ...acquirerFindings(acquirer, reconciled, payment, story),
    ...viewFindings(views, story),
    chain.finding(proof),
    ...noticeFindings(topics.notices, notices, delivered),
    ...doorFindings(book, parked, quarantine, topics.notApplied),
    ...handsFindings(setAside, parked, story),
    secrets.finding(),
  ];
};
