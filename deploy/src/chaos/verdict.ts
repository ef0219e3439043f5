import { randomUUID } from 'node:crypto';
import { acquirerFindings, moneyDays, type Reconciled } from './audit-acquirer';
import { creditFindings } from './audit-credit';
import { doorFindings } from './audit-doors';
import { ledgerFindings } from './audit-ledger';
import { noticeFindings } from './audit-notices';
import { paymentFindings } from './audit-payment';
import { SecretSearch } from './audit-secrets';
import { sharesFinding } from './audit-shares';
import { viewFindings } from './audit-views';
import type { Book } from './book';
import type { Field } from './field';
import { secretsOf } from './hospitals-people';
import { readAcquirer, readClaims, readCredit, readDelivered, readLedger, readLogs, readNotices, readParked, readPayment, readQuarantine, readTopics } from './verdict-evidence';
import type { Finding } from './verdict-finding';
import { readViews } from './verdict-views';

export type { Finding } from './verdict-finding';

const reconciliations = async (field: Field, days: readonly string[]): Promise<Reconciled[]> => {
  const all: Reconciled[] = [];
  for (const date of days) all.push(await field.api.get<Reconciled>(`/payment/reconciliation/${date}`));
  return all;
};

/**
 * Holds the platform at rest to its promises, one finding each: the hospitals' book, the bank's record and the receivers' journals beside the tables of every
 * service and every message of every topic. Reads beside the services, except where a service's own check is what is asked for.
 */
export const judge = async (field: Field, book: Book): Promise<Finding[]> => {
  const secrets = new SecretSearch(book.citizens.flatMap(secretsOf));
  const views = await readViews(field);
  const { story, chain } = await readLedger(field);
  const [credit, payment, topics] = [await readCredit(field), await readPayment(field), await readTopics(field, `chaos.auditor.${randomUUID()}`, secrets)];
  const entries = readAcquirer(field);
  readLogs(field, secrets);
  return [
    ...ledgerFindings(book, story),
    ...topics.findings(book, story),
    ...creditFindings(credit, story),
    ...paymentFindings(payment, story),
    sharesFinding(story, await readClaims(field), payment.collections, topics.settlements.values()),
    ...acquirerFindings(entries, await reconciliations(field, moneyDays(entries)), payment, story),
    ...viewFindings(views, story),
    chain.finding(await field.api.get('/visit-ledger/proof')),
    ...noticeFindings(topics.notices, await readNotices(field), readDelivered(field)),
    ...doorFindings(book, await readParked(field), await readQuarantine(field)),
    secrets.finding(),
  ];
};
