import { randomUUID } from 'node:crypto';
import { type AcquirerEntry, moneyDays, type Reconciled } from './audit-acquirer';
import { SecretSearch } from './audit-secrets';
import type { SentRecord } from './sent-record';
import type { PlatformAccess } from './platform-access';
import { secretsOf } from './hospitals-people';
import {
  readAcquirer,
  readClaims,
  readCredit,
  readDelivered,
  readLedger,
  readLogs,
  readNotices,
  readParked,
  readPayment,
  readQuarantine,
  readSetAside,
  readTopics,
} from './evidence';
import type { Finding } from './finding';
import { type Evidence, findingsOf } from './findings';
import { readViews } from './view-check';

export type { Finding } from './finding';

/** Payment's own reconciliation of each day on which the acquirer moved money. */
const reconcile = async (
  field: PlatformAccess,
  entries: readonly AcquirerEntry[],
): Promise<Reconciled[]> => {
  const all: Reconciled[] = [];
  for (const date of moneyDays(entries))
    all.push(await field.api.get<Reconciled>(`/payment/reconciliation/${date}`));
  return all;
};

/** What others did, and what came of it before the judgement. */
export type Aside = Pick<Evidence, 'touched' | 'standing' | 'resumed'>;

const gather = async (field: PlatformAccess, book: SentRecord, aside: Aside): Promise<Evidence> => {
  const secrets = new SecretSearch(book.citizens.flatMap(secretsOf));
  const views = await readViews(field);
  const acquirer = readAcquirer(field);
  const evidence = {
    book,
    views,
    acquirer,
    secrets,
    ...aside,
    ...(await readLedger(field, aside.touched)),
    topics: await readTopics(field, `chaos.auditor.${randomUUID()}`, secrets),
    credit: await readCredit(field),
    payment: await readPayment(field),
    claims: await readClaims(field),
    notices: await readNotices(field),
    parked: await readParked(field),
    setAside: await readSetAside(field),
    quarantine: await readQuarantine(field),
    delivered: readDelivered(field),
    reconciled: await reconcile(field, acquirer),
    proof: await field.api.get<Evidence['proof']>('/visit-ledger/proof'),
  };
  readLogs(field, secrets);
  return evidence;
};

/**
 * Holds the platform at rest to its promises, one finding each: the hospitals' book, the bank's
 * record and the receivers' journals beside the tables of every service and every message of every
 * topic. Reads beside the services, except where a service's own check is what is asked for.
 */
export const judge = async (
  field: PlatformAccess,
  book: SentRecord,
  aside: Aside,
): Promise<Finding[]> => findingsOf(await gather(field, book, aside));
