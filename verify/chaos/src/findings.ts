import { type AcquirerEntry, acquirerFindings, type Reconciled } from './audit-acquirer';
import { asideFindings, inOrder, type Resumed, type Standing } from './audit-aside';
import type { ChainStory } from './audit-chain';
import type { ContinuedStory } from './audit-continued';
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
import type { Touched } from './touched';

/**
 * Everything that is judged: the tables of every service, every message of every topic,
 * and the records of those outside.
 */
export interface Evidence {
  readonly book: SentRecord;
  readonly story: LedgerStory;
  readonly chain: ChainStory;
  readonly continued: ContinuedStory;
  /** What others did to the log, how the platform stood then, and what an operator was answered. */
  readonly touched: readonly Touched[];
  readonly standing: Standing;
  readonly resumed: readonly Resumed[];
  /** What the ledger's own proof says. */
  readonly proof: {
    readonly intact: boolean;
    readonly events: number;
    readonly faults: readonly unknown[];
    /** Of streams that visits left. */
    readonly knownFaults: number;
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
    continued,
    touched,
    standing,
    resumed,
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
    ...doorFindings(book, parked, quarantine, topics.notApplied, story),
    ...handsFindings(touched, { setAside, parked, told: topics.aside }),
    ...asideFindings(touched, standing, resumed),
    inOrder(standing.waiting, story.caused),
    continued.finding(),
    secrets.finding(),
  ];
};
