import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import type { RecordedEvent } from '@caretab/event-store';
import { SERVICES } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import { type AcquirerEntry, linesOf } from './audit-acquirer';
import { ChainStory, type EventRow } from './audit-chain';
import { ContinuedStory } from './audit-continued';
import type { AccountRow, CreditBooks, EnrolmentRow, EntryRow, HoldRow } from './audit-credit';
import type { ParkedRow, QuarantineRow } from './audit-doors';
import type { SetAsideRow } from './audit-hands';
import { LedgerStory } from './audit-ledger';
import { type Delivered, noticeIdIn, type NoticeRow } from './audit-notices';
import type { CollectionRow, JournalRow, PaymentBooks, RefundRow } from './audit-payment';
import { allRows, rowsOf } from './audit-rows';
import type { SecretSearch } from './audit-secrets';
import type { ClaimRow } from './audit-shares';
import { TopicStory } from './audit-topics';
import type { Evidence } from './findings';
import type { PlatformAccess } from './platform-access';
import type { Touched } from './touched';

/**
 * Reads the ledger's event table once, for the facts and for their chain. `touched`: by it the
 * events of others are known.
 */
export const readLedger = async (
  field: PlatformAccess,
  touched: readonly Touched[],
): Promise<Pick<Evidence, 'story' | 'chain' | 'continued'>> => {
  const [story, continued] = [new LedgerStory(), new ContinuedStory(touched)];
  const chain = new ChainStory((row) => continued.isTheirs(row));
  const sql =
    'select position, stream, revision, id, type, data, metadata, recorded_at as ' +
    '"recordedAt", hash from visit_ledger_events.events order by position';
  for await (const row of rowsOf<EventRow>(field.databaseUrlOf('visit-ledger'), sql)) {
    chain.read(row);
    if (!continued.read(row)) continue;
    story.read({
      ...row,
      position: BigInt(row.position),
      data: JSON.parse(row.data),
      metadata: JSON.parse(row.metadata),
    } as RecordedEvent);
  }
  return { story, chain, continued };
};

export const readCredit = async (field: PlatformAccess): Promise<CreditBooks> => {
  const url = field.databaseUrlOf('credit');
  return {
    entries: await allRows<EntryRow>(
      url,
      `select account_person_id as account, sequence, kind, visit_id as "visitId", held_fen as
        "heldFen", outstanding_fen as "outstandingFen", held_after_fen as "heldAfterFen",
      outstanding_after_fen as "outstandingAfterFen", line_fen as "lineFen", cause_id as
      "causeId" from credit.entry order by account_person_id, sequence`,
    ),
    accounts: await allRows<AccountRow>(
      url,
      'select account_person_id as account, line_fen as "lineFen", held_fen as ' +
        '"heldFen", outstanding_fen as "outstandingFen", entry_count as "entryCount" ' +
        'from credit.account',
    ),
    holds: await allRows<HoldRow>(
      url,
      'select visit_id as "visitId", person_id as "personId", account_person_id as ' +
        'account, status, held_fen as "heldFen", due_fen as "dueFen", outstanding_fen ' +
        'as "outstandingFen" from credit.hold',
    ),
    enrolments: await allRows<EnrolmentRow>(
      url,
      'select person_id as "personId", account_person_id as account from credit.enrolment',
    ),
  };
};

export const readPayment = async (field: PlatformAccess): Promise<PaymentBooks> => {
  const url = field.databaseUrlOf('payment');
  const orders = await allRows<{ id: string; visitId: string }>(
    url,
    'select order_id as id, visit_id as "visitId" from payment.payment_order',
  );
  const captures = await allRows<{ id: string; visitId: string; amountFen: number }>(
    url,
    'select order_id as id, visit_id as "visitId", amount_fen as "amountFen" from payment.capture',
  );
  return {
    orders: new Map(orders.map(({ id, visitId }) => [id, visitId])),
    captures: new Map(captures.map(({ id, ...movement }) => [id, movement])),
    journal: await allRows<JournalRow>(
      url,
      'select reference, account, debit_fen as "debitFen", credit_fen as "creditFen" from payment.journal_entry',
    ),
    collections: await allRows<CollectionRow>(
      url,
      `select visit_id as "visitId", status, revision, gross_fen as "grossFen", due_fen as
        "dueFen", captured_fen as "capturedFen",
      refunding_fen as "refundingFen", refunded_fen as "refundedFen" from payment.collection`,
    ),
    refunds: await allRows<RefundRow>(
      url,
      'select refund_id as "refundId", visit_id as "visitId", amount_fen as "amountFen", status from payment.refund',
    ),
  };
};

export const readClaims = (field: PlatformAccess): Promise<ClaimRow[]> =>
  allRows<ClaimRow>(
    field.databaseUrlOf('adjudication'),
    `select distinct on (visit_id) visit_id as "visitId", revision, (totals->>'grossFen')::bigint
      as "grossFen", payers, patient_due_fen as "patientDueFen"
    from adjudication.claim order by visit_id, revision desc`,
  );

export const readNotices = (field: PlatformAccess): Promise<NoticeRow[]> =>
  allRows<NoticeRow>(
    field.databaseUrlOf('notification'),
    'select notice_id as "noticeId", channel, template, recipient_id as ' +
      '"recipientId", status, reason from notification.notice',
  );

export const readParked = async (field: PlatformAccess): Promise<ParkedRow[]> =>
  (
    await Promise.all(
      SERVICES.map(async (service) => {
        const rows = await allRows<Omit<ParkedRow, 'service'>>(
          field.databaseUrlOf(service),
          'select group_name as "group", message_id as "messageId", code, reason, status ' +
            `from ${service.replaceAll('-', '_')}.parked`,
        );
        return rows.map((row) => ({ service, ...row }));
      }),
    )
  ).flat();

export const readSetAside = (field: PlatformAccess): Promise<SetAsideRow[]> =>
  allRows<SetAsideRow>(
    field.databaseUrlOf('visit-ledger'),
    'select visit_id as "visitId", stream, revision, kind, continued_in as "continuedIn" ' +
      'from visit_ledger.set_aside',
  );

export const readQuarantine = (field: PlatformAccess): Promise<QuarantineRow[]> =>
  allRows<QuarantineRow>(
    field.databaseUrlOf('gateway'),
    'select door, reason, status from gateway.quarantine',
  );

export const readAcquirer = (field: PlatformAccess): AcquirerEntry[] =>
  linesOf<AcquirerEntry>(field.acquirerJournal);

interface HookEntry {
  readonly type: string;
  readonly webhook?: { readonly noticeId: string };
}

export const readDelivered = (field: PlatformAccess): Delivered => ({
  webhooks: (existsSync(field.webhookJournal)
    ? linesOf<HookEntry>(field.webhookJournal)
    : []
  ).flatMap(({ webhook }) => (webhook ? [webhook.noticeId] : [])),
  mails: (existsSync(field.mailJournal) ? linesOf<{ source: string }>(field.mailJournal) : []).map(
    ({ source }) => noticeIdIn(source),
  ),
});

const POLL_MS = 200;
const READ_TIMEOUT_MS = 10 * 60_000;

/** Reads every topic from its beginning to its end. `auditor`: a group without earlier members. */
export const readTopics = async (
  field: PlatformAccess,
  auditor: string,
  secrets: SecretSearch,
): Promise<TopicStory> => {
  const story = new TopicStory();
  const topics = topicsFor(payerIds).map(({ name }) => name);
  const consumer = await field.bus.consume(
    { group: auditor, topics, batchSizeMax: 2000 },
    async ({ topic, messages }) => {
      for (const message of messages) {
        story.read(topic, message);
        secrets.look(`${message.key} ${JSON.stringify(message.headers)} ${message.value}`, topic);
      }
    },
  );
  try {
    for (
      const giveUpAt = performance.now() + READ_TIMEOUT_MS;
      (await field.bus.lag(auditor, topics)) > 0;
      await pause(POLL_MS)
    ) {
      if (performance.now() > giveUpAt)
        throw new Error('the topics could not be read to their end');
    }
  } finally {
    await consumer.stop();
  }
  return story;
};

/** Looks through what every process has logged. */
export const readLogs = (field: PlatformAccess, secrets: SecretSearch): void => {
  for (const file of readdirSync(field.logsFolder)) {
    for (const line of readFileSync(join(field.logsFolder, file), 'utf8').split('\n'))
      secrets.look(line, file);
  }
};
