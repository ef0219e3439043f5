import type { RecordedEvent } from '@caretab/event-store';
import { derivedId } from '@caretab/kernel';
import type { AcquirerEntry, Reconciled } from '../src/audit-acquirer';
import type { Resumed } from '../src/audit-aside';
import { ChainStory, type EventRow, linkOf } from '../src/audit-chain';
import { ContinuedStory } from '../src/audit-continued';
import type { AccountRow, EnrolmentRow, EntryRow, HoldRow } from '../src/audit-credit';
import type { ParkedRow, QuarantineRow } from '../src/audit-doors';
import type { SetAsideRow } from '../src/audit-hands';
import { LedgerStory } from '../src/audit-ledger';
import type { NoticeRow } from '../src/audit-notices';
import type { CollectionRow, JournalRow, RefundRow } from '../src/audit-payment';
import { SecretSearch } from '../src/audit-secrets';
import type { ClaimRow } from '../src/audit-shares';
import { TopicStory } from '../src/audit-topics';
import type { BalanceRow, ViewCheck, VisitViewRow } from '../src/audit-views';
import {
  ADULT,
  type Fact,
  isFact,
  type Mutable,
  setAside,
  setAsideRow,
  standing,
  THEIRS,
  V2,
} from './aside-fixture';
import { SentRecord, type SentVisit } from '../src/sent-record';
import type { ChaosVisit } from '../src/hospitals-visit';
import { type Evidence, findingsOf } from '../src/findings';
import type { Touched } from '../src/touched';

type Carried = { topic: string; id: string; type: string; data: Record<string, any> };

const CHILD = 'p-3';
const V1 = 'CH001-V1';
const V3 = 'CH001-V3';
const LEDGER = 'visit-ledger.visits';

const charge = (chargeId: string, amountFen: number) => ({ chargeId, amountFen });
const verdict = (revision: number, grossFen: number, insurerFen: number) => ({
  revision,
  grossFen,
  payers: insurerFen > 0 ? [{ payerId: 'city-employee', amountFen: insurerFen }] : [],
  patientDueFen: grossFen - insurerFen,
});

/**
 * Three visits on one line: one settled, corrected and refunded; one set aside, and cancelled when
 * it went on; a child's whose collection failed.
 */
const facts = (): Fact[] => {
  const fact = (visitId: string, type: string, data: Record<string, any> = {}): Fact => ({
    id: '',
    type,
    data: { visitId, institutionId: 'CH001', personId: visitId === V3 ? CHILD : ADULT, ...data },
  });
  const list = [
    fact(V1, 'VisitOpened'),
    fact(V1, 'ChargeWaiting', { charge: charge('a', 1000) }),
    fact(V1, 'ChargeDeferred', { charge: charge('a', 1000), waited: true }),
    fact(V1, 'ChargeDeferred', { charge: charge('b', 500) }),
    fact(V1, 'ChargeConflictFound', { chargeId: 'a', recordedFen: 1000, conflictingFen: 7000 }),
    fact(V1, 'VisitClosed', { revision: 1 }),
    fact(V1, 'VisitAdjudicated', { ...verdict(1, 1500, 600), accountPersonId: ADULT }),
    fact(V1, 'PaymentRecorded', { paymentId: 'o1', amountFen: 900 }),
    fact(V1, 'VisitSettled', { revision: 1, accountPersonId: ADULT }),
    fact(V1, 'ChargeReturned', {
      chargeId: 'b',
      returnId: 'b.CD',
      amountFen: 500,
      wasDeferred: true,
    }),
    fact(V1, 'VisitClosed', { revision: 2 }),
    fact(V1, 'VisitAdjudicated', { ...verdict(2, 1000, 400), accountPersonId: ADULT }),
    fact(V1, 'RefundRecorded', { refundId: 'r1', amountFen: 300 }),
    fact(V1, 'VisitSettled', { revision: 2, accountPersonId: ADULT }),
    fact(V1, 'LateChargeRecorded', { charge: charge('f', 300) }),
    fact(V1, 'SubmissionRejected', {
      ...{ submissionId: 'said f.CD', kind: 'ChargeReturned', chargeId: 'f' },
      reason: 'CHARGE_AWAITS_AGREEMENT',
    }),
    fact(V1, 'ChargeNotDeferred', { charge: charge('f', 300), reason: 'LATE_CHARGE_REFUSED' }),
    fact(V2, 'VisitOpened'),
    fact(V2, 'ChargeDeferred', { charge: charge('c', 700) }),
    fact(V2, 'VisitCancelled', { grossFen: 700 }),
    fact(V3, 'VisitOpened'),
    fact(V3, 'ChargeDeferred', { charge: charge('d', 2000) }),
    fact(V3, 'ChargeNotDeferred', { charge: charge('e', 90_000), reason: 'OVER_LINE' }),
    fact(V3, 'VisitClosed', { revision: 1 }),
    fact(V3, 'VisitAdjudicated', { ...verdict(1, 2000, 0), accountPersonId: ADULT }),
    fact(V3, 'PaymentMissed', { owedFen: 2000, accountPersonId: ADULT }),
    fact(V1, 'SubmissionRejected', { submissionId: 'said bad', kind: 'ChargeReturned' }),
  ];
  const all = list.map((each, index): Fact => ({ ...each, id: `fact-${index + 1}` }));
  const at = all.findIndex(({ type }) => type === 'VisitCancelled');
  all.splice(at, 1, ...setAside(all.slice(at - 2, at), all[at]!));
  return all;
};

const PUBLISHED_AS: Readonly<Record<string, string>> = {
  ChargeReturned: 'ChargeReversed',
  LateChargeRecorded: 'ChargeAwaitsAgreement',
};
const PRIVATE = new Set(['ChargeWaiting', 'PaymentRecorded', 'RefundRecorded']);

const carried = (ledger: readonly Fact[]): Carried[] => [
  ...['a', 'b', 'b.CD', 'a again', 'c', 'd', 'e', 'bad', 'f', 'f.CD'].map((id) => ({
    topic: 'hospital.visit-events',
    id: `said ${id}`,
    type: 'ChargePosted',
    data: { id },
  })),
  ...ledger
    .filter((fact) => isFact(fact) && !PRIVATE.has(fact.type))
    .map(({ id, type, data }) => ({
      topic: LEDGER,
      id,
      type: PUBLISHED_AS[type] ?? type,
      data: { ...data, ...(data['charge'] && { chargeId: data['charge'].chargeId }) },
    })),
  ...['VisitSetAside', 'VisitResumed'].map((type) => ({
    ...{ topic: LEDGER, id: type, type },
    data: { visitId: V2, institutionId: 'CH001', personId: ADULT },
  })),
  {
    topic: 'insurer.city-employee.settlements',
    id: 's1',
    type: 'SettlementPosted',
    data: { visitId: V1, claimId: 'claim', planId: 'basic', revision: 1, postedFen: 600 },
  },
  {
    topic: 'insurer.city-employee.settlements',
    id: 's2',
    type: 'SettlementPosted',
    data: { visitId: V1, claimId: 'claim', planId: 'basic', revision: 2, postedFen: -200 },
  },
  {
    topic: 'payment.payments',
    id: 'captured',
    type: 'PaymentCaptured',
    data: { visitId: V1, paymentId: 'o1' },
  },
  {
    topic: 'payment.payments',
    id: 'refunded',
    type: 'RefundCompleted',
    data: { visitId: V1, refundId: 'r1', accountPersonId: ADULT },
  },
  { topic: 'credit.accounts', id: 'frozen', type: 'AccountFrozen', data: { personId: ADULT } },
];

const entry = (
  sequence: number,
  kind: string,
  visitId: string | null,
  [heldFen, outstandingFen, heldAfterFen, outstandingAfterFen]: readonly number[],
): EntryRow => ({
  account: ADULT,
  sequence,
  kind,
  visitId,
  heldFen: heldFen!,
  outstandingFen: outstandingFen!,
  heldAfterFen: heldAfterFen!,
  outstandingAfterFen: outstandingAfterFen!,
  lineFen: 70_000,
  causeId: `cause-${sequence}`,
});
const credit = () => ({
  entries: [
    entry(1, 'Opened', null, [0, 0, 0, 0]),
    entry(2, 'Held', V1, [20_000, 0, 20_000, 0]),
    entry(3, 'Held', V2, [20_000, 0, 40_000, 0]),
    entry(4, 'Held', V3, [30_000, 0, 70_000, 0]),
    entry(5, 'HoldReleased', V2, [-20_000, 0, 50_000, 0]),
    entry(6, 'Due', V1, [-20_000, 900, 30_000, 900]),
    entry(7, 'Settled', V1, [0, -900, 30_000, 0]),
    entry(8, 'Due', V3, [-30_000, 2000, 0, 2000]),
  ] as Mutable<EntryRow>[],
  accounts: [
    { account: ADULT, lineFen: 70_000, heldFen: 0, outstandingFen: 2000, entryCount: 8 },
  ] as Mutable<AccountRow>[],
  holds: [
    {
      visitId: V1,
      personId: ADULT,
      account: ADULT,
      status: 'settled',
      heldFen: 0,
      dueFen: 600,
      outstandingFen: 0,
    },
    {
      visitId: V2,
      personId: ADULT,
      account: ADULT,
      status: 'released',
      heldFen: 0,
      dueFen: 0,
      outstandingFen: 0,
    },
    {
      visitId: V3,
      personId: CHILD,
      account: ADULT,
      status: 'due',
      heldFen: 0,
      dueFen: 2000,
      outstandingFen: 2000,
    },
  ] as Mutable<HoldRow>[],
  enrolments: [
    { personId: ADULT, account: ADULT },
    { personId: CHILD, account: ADULT },
  ] as Mutable<EnrolmentRow>[],
});

const posted = (
  reference: string,
  ...changes: readonly (readonly [account: string, amountFen: number])[]
): Mutable<JournalRow>[] =>
  changes.map(([account, amountFen]) => ({
    reference,
    account,
    debitFen: Math.max(0, amountFen),
    creditFen: Math.max(0, -amountFen),
  }));
const payment = () => ({
  journal: [
    ...posted(
      `verdict/${V1}/1`,
      ['receivable/patients', 900],
      ['receivable/insurer/city-employee', 600],
      ['payable/institution/CH001', -1500],
    ),
    ...posted('capture/o1', ['channel/unionpay', 900], ['receivable/patients', -900]),
    ...posted(
      `verdict/${V1}/2`,
      ['receivable/patients', -300],
      ['receivable/insurer/city-employee', -200],
      ['payable/institution/CH001', 500],
    ),
    ...posted('refund/r1', ['receivable/patients', 300], ['channel/unionpay', -300]),
    ...posted(
      `verdict/${V3}/1`,
      ['receivable/patients', 2000],
      ['payable/institution/CH001', -2000],
    ),
  ],
  collections: [
    {
      visitId: V1,
      status: 'paid',
      revision: 2,
      grossFen: 1000,
      dueFen: 600,
      capturedFen: 900,
      refundingFen: 300,
      refundedFen: 300,
    },
    {
      visitId: V3,
      status: 'declined',
      revision: 1,
      grossFen: 2000,
      dueFen: 2000,
      capturedFen: 0,
      refundingFen: 0,
      refundedFen: 0,
    },
  ] as Mutable<CollectionRow>[],
  orders: new Map([
    ['o1', V1],
    ['o2', V1],
    ['o3', V3],
  ]),
  captures: new Map([['o1', { visitId: V1, amountFen: 900 }]]),
  refunds: [
    { refundId: 'r1', visitId: V1, amountFen: 300, status: 'completed' },
  ] as Mutable<RefundRow>[],
});

const AT = '2026-03-02T01:00:00.000Z';
const acquirer = (): Mutable<AcquirerEntry>[] => [
  { type: 'payment', payment: { orderId: 'o1', amountFen: 900, status: 'processing', at: AT } },
  { type: 'payment', payment: { orderId: 'o1', amountFen: 900, status: 'captured', at: AT } },
  { type: 'payment', payment: { orderId: 'o3', amountFen: 2000, status: 'declined', at: AT } },
  { type: 'refund', refund: { refundId: 'r1', orderId: 'o1', amountFen: 300, at: AT } },
];

const viewRow = (visitId: string, row: Partial<VisitViewRow>): Mutable<VisitViewRow> => ({
  visitId,
  status: 'settled',
  grossFen: 0,
  patientDueFen: null,
  paidFen: 0,
  refundedFen: 0,
  chargesDeferred: 0,
  chargesWaiting: 0,
  chargesNotDeferred: 0,
  chargesReturned: 0,
  conflicts: 0,
  ...row,
});
const viewCheck = (): Mutable<ViewCheck> => ({
  equal: true,
  views: [{ view: 'visit', rows: 3, differences: [] }],
});
const views = () => ({
  visits: [
    viewRow(V1, {
      grossFen: 1000,
      patientDueFen: 600,
      paidFen: 900,
      refundedFen: 300,
      chargesDeferred: 1,
      chargesNotDeferred: 1,
      chargesReturned: 1,
      conflicts: 1,
    }),
    viewRow(V2, { status: 'cancelled' }),
    viewRow(V3, {
      status: 'adjudicated',
      grossFen: 2000,
      patientDueFen: 2000,
      chargesDeferred: 1,
      chargesNotDeferred: 1,
    }),
  ],
  balances: [
    { account: 'patients', debitFen: 3200, creditFen: 1200 },
    { account: 'others', debitFen: 0, creditFen: 2000 },
  ] as Mutable<BalanceRow>[],
  check: viewCheck(),
  rebuilt: { check: viewCheck(), isSame: true },
});

const sentVisit = (
  book: SentRecord,
  visitId: string,
  { personId = ADULT, over = 'end' as 'end' | 'cancel' } = {},
): SentVisit => {
  book.personIds.set(personId, personId);
  const visit = book.open({
    visitId,
    institution: { institutionId: 'CH001' },
    citizen: { citizen: personId },
  } as unknown as ChaosVisit);
  visit.over = over;
  return visit;
};

/** What the hospitals remember of it. */
const bookOf = (): SentRecord => {
  const book = new SentRecord();
  const say = (
    visit: SentVisit,
    chargeId: string,
    amountFen: number,
    id = `said ${chargeId}`,
  ): void => {
    const action = { kind: 'charges', charges: [{ chargeId, amountFen }] } as never;
    book.sending(visit, action);
    book.acknowledged(visit, action, [id]);
  };
  const takesBack = (
    visit: SentVisit,
    returnId: string,
    {
      chargeId,
      amountFen,
      isBad = false,
      id = `said ${returnId}`,
    }: { chargeId: string; amountFen: number; isBad?: boolean; id?: string },
  ): void => {
    const action = { kind: 'return', returnId, charge: { chargeId, amountFen }, isBad } as never;
    book.sending(visit, action);
    book.acknowledged(visit, action, [id]);
  };
  const [first, second, third] = [
    sentVisit(book, V1),
    sentVisit(book, V2, { over: 'cancel' }),
    sentVisit(book, V3, { personId: CHILD }),
  ];
  book.refused(
    first,
    { kind: 'charges', charges: [], key: 'for another', other: {} } as never,
    'AE',
  );
  say(first, 'a', 1000);
  say(first, 'b', 500);
  say(first, 'a', 7000, 'said a again');
  takesBack(first, 'b.CD', { chargeId: 'b', amountFen: 500 });
  takesBack(first, 'b.CD2', { chargeId: 'b', amountFen: 500, isBad: true, id: 'said bad' });
  say(first, 'f', 300);
  takesBack(first, 'f.CD', { chargeId: 'f', amountFen: 300 });
  say(second, 'c', 700);
  say(third, 'd', 2000);
  say(third, 'e', 90_000);
  return book;
};

/**
 * A platform at rest after three visits, with every party's records of it; a test changes what it
 * likes before it is judged.
 */
export class Aftermath {
  readonly book = bookOf();
  facts = facts();
  messages = carried(this.facts);
  readonly credit = credit();
  readonly payment = payment();
  readonly claims: Mutable<ClaimRow>[] = [
    { visitId: V1, ...verdict(2, 1000, 400) },
    { visitId: V3, ...verdict(1, 2000, 0) },
  ];
  readonly acquirer = acquirer();
  readonly reconciled: Mutable<Reconciled>[] = [
    {
      date: '2026-03-02',
      matched: 2,
      agrees: true,
      onlyOurs: [],
      onlyTheirs: [],
      amountsDiffer: [],
    },
  ];
  readonly views = views();
  readonly proof = { intact: true, events: 0, faults: [] as unknown[], knownFaults: 1 };
  readonly parked: Mutable<ParkedRow>[] = [
    {
      service: 'visit-ledger',
      group: 'visit-ledger.visit',
      messageId: 'said a',
      code: 'HANDLER_FAILED',
      reason: '',
      status: 'replayed',
    },
  ];
  readonly touched: Mutable<Touched>[] = [{ ...THEIRS }];
  readonly setAside: Mutable<SetAsideRow>[] = [setAsideRow(`${THEIRS.stream}~2`)];
  readonly standing = standing();
  readonly resumed: Mutable<Resumed>[] = [
    { visitId: V2, asItIs: 'FACTS_LEFT_OUT', mended: undefined },
  ];
  readonly quarantine: Mutable<QuarantineRow>[] = [
    { door: 'mllp', reason: 'PERSON_DIFFERS', status: 'open' },
  ];
  readonly texts: string[] = ['nothing personal'];
  /** What becomes of the event rows on the disk, and of the notices, once they are there. */
  tamper: (rows: Mutable<EventRow>[]) => Mutable<EventRow>[] = (rows) => rows;
  tell: (rows: Mutable<NoticeRow>[], delivered: { webhooks: string[]; mails: string[] }) => void =
    () => undefined;

  evidence(): Evidence {
    const [story, topics] = [new LedgerStory(), new TopicStory()];
    const continued = new ContinuedStory(this.touched);
    const chain = new ChainStory((row) => continued.isTheirs(row));
    const rows = this.tamper(this.rows());
    for (const row of rows) {
      chain.read(row);
      if (!continued.read(row)) continue;
      story.read({
        ...row,
        position: BigInt(row.position),
        data: JSON.parse(row.data),
        metadata: JSON.parse(row.metadata),
      } as RecordedEvent);
    }
    for (const { topic, id, type, data } of this.messages)
      topics.read(topic, { headers: { ce_id: id, ce_type: type }, value: JSON.stringify(data) });
    const secrets = new SecretSearch(['王混一', '330106198501011234']);
    for (const text of this.texts) secrets.look(text, 'a log');
    const {
      book,
      credit,
      payment,
      claims,
      acquirer,
      reconciled,
      views,
      parked,
      quarantine,
      setAside,
      touched,
      standing,
      resumed,
    } = this;
    return {
      book,
      story,
      chain,
      continued,
      touched,
      standing,
      resumed,
      topics,
      credit,
      payment,
      claims,
      acquirer,
      reconciled,
      views,
      parked,
      setAside,
      quarantine,
      secrets,
      proof: { ...this.proof, events: rows.length },
      ...this.notices(topics),
    };
  }

  /** Every due notice, sent. */
  private notices(topics: TopicStory): Pick<Evidence, 'notices' | 'delivered'> {
    const notices: Mutable<NoticeRow>[] = [...topics.notices].map(
      ([noticeId, { channel, template, recipientId }]) => ({
        noticeId,
        channel,
        template,
        recipientId,
        status: 'sent',
        reason: null,
      }),
    );
    const idsOf = (wanted: string): string[] =>
      notices.filter(({ channel }) => channel === wanted).map(({ noticeId }) => noticeId);
    const delivered = { webhooks: idsOf('webhook'), mails: idsOf('email') };
    this.tell(notices, delivered);
    return { notices, delivered };
  }

  private rows(): Mutable<EventRow>[] {
    const tails = new Map<string, EventRow>();
    return this.facts.map(({ id, type, data, metadata = {}, ...fact }, index) => {
      const stream = fact.stream ?? `visit-${data['visitId']}`;
      const tail = tails.get(stream);
      const row = {
        position: index + 1,
        stream,
        revision: (tail?.revision ?? -1) + 1,
        id,
        type,
        data: JSON.stringify(data),
        metadata: JSON.stringify(metadata),
        recordedAt: new Date(AT),
      };
      const link = linkOf(tail?.hash ?? Buffer.alloc(32), row);
      // Another writer knows no chain.
      const chained = { ...row, hash: id === THEIRS.eventId ? Buffer.alloc(32) : link };
      tails.set(stream, chained);
      return chained;
    });
  }
}

/** The id of a notice, as the platform derives it. */
export const noticeIdOf = (eventId: string, recipientId: string, template: string): string =>
  derivedId('notice', eventId, recipientId, template);

/** The promises that do not hold once `lie` has changed what there is to see. */
export const broken = (lie: (aftermath: Aftermath) => void): string[] => {
  const aftermath = new Aftermath();
  lie(aftermath);
  return findingsOf(aftermath.evidence())
    .filter(({ holds }) => !holds)
    .map(({ promise }) => promise);
};
