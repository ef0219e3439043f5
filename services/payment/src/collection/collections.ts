import {
  addsUp,
  businessDateOf,
  cannotBe,
  type ContractEvent,
  FUND,
  type visitLedgerVisits,
} from '@caretab/contracts';
import { type Clock, contentHash, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { activeTraceparent } from '@caretab/telemetry';
import { accountsOf } from '../account/account-choice';
import { diedAmong } from '../account/deaths';
import type { TokenVault } from '../account/token-vault';
import { closeCases } from '../case/open-case';
import type { ChannelBook } from '../channel/channel-book';
import { bookDayOf, type Recorded } from '../journal/book-day';
import { accounts, debtorAccount, post } from '../journal/journal';
import { requestRefund, voidNeedless } from '../refund/request-refund';
import { withinOwed } from '../write-off/recovery';
import {
  type CollectionRow,
  collectionTable,
  insurerPartTable,
  uncleared,
} from './collection.table';
import { paymentIdOf } from './collection-rows';
import { isUnconfirmed } from './confirmations';
import { AT_ONCE, openFen } from './owed';
import type { Calendars, CollectionPolicy } from './policy';
import { LOOKED_AT, reopened } from './reopened';
import { settlementTable } from './settlement.table';

/** What a citizen can pay: nothing of it is out. */
const PAYABLE: ReadonlySet<CollectionRow['status']> = new Set([
  'due',
  'declined',
  'awaiting-confirmation',
  'disputed',
  'written-off',
  'in-review',
]);

type Adjudicated = ContractEvent<typeof visitLedgerVisits, 'VisitAdjudicated'>;

/** Throws MESSAGE_IMPOSSIBLE (conflict): a later verdict on a visit is on the same parties. */
const assertSameParties = (event: Adjudicated, known: CollectionRow): void => {
  const differs = (field: string): DomainError =>
    cannotBe(event, `/${field}`, 'earlier verdicts on the visit name another');
  for (const field of ['accountPersonId', 'institutionId'] as const)
    if (event.data[field] !== known[field]) throw differs(field);
  const { lenderParty, lenderId } = lenderOf(event);
  if (lenderParty !== known.lenderParty || lenderId !== known.lenderId) throw differs('lender');
};

/**
 * What is owed for visits, as verdicts and citizens change it. The collector does the collecting.
 */
export class Collections {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly vault: TokenVault;
      readonly channels: Pick<ChannelBook, 'mustBeOpen' | 'isOpen'>;
      readonly policy: Calendars & Pick<CollectionPolicy, 'presence'>;
    },
  ) {}

  /**
   * Takes a verdict: a first one makes a collection, a later one raises or lowers it, or asks the
   * difference back. The same again and older ones change nothing; the same revision with other
   * content throws VERDICT_CONFLICT (conflict), one that does not add up VERDICT_UNBALANCED
   * (invalid).
   */
  async fixDue(event: Adjudicated, transaction: Transaction): Promise<void> {
    const { visitId, revision, grossFen, patientDueFen, payers, accountPersonId, closedAt } =
      event.data;
    if (!addsUp(event.data))
      throw new DomainError('VERDICT_UNBALANCED', 'invalid', { visitId, revision });
    const verdict = contentHash({ grossFen, patientDueFen, payers, accountPersonId, closedAt });
    const rows = transaction.rows(collectionTable);
    const known = await rows.get({ paymentId: paymentIdOf(visitId) }, { lock: 'wait' });
    if (known && known.revision === revision && known.verdict !== verdict)
      throw new DomainError('VERDICT_CONFLICT', 'conflict', { visitId, revision });
    if (known && known.revision >= revision) return;
    if (known) assertSameParties(event, known);
    const { clock, policy } = this.parts;
    const recorded = { now: clock.now(), policy };
    const before = known ?? this.fresh(event);
    await this.postVerdict(transaction, before, event, recorded);
    const row = {
      ...uncleared(before, bookDayOf(recorded)),
      revision,
      verdict,
      grossFen,
      dueFen: patientDueFen,
      closedAt: new Date(closedAt),
      closedDate: businessDateOf(new Date(closedAt)),
      causationId: event.id,
      traceparent: event.traceparent ?? null,
    };
    const { now } = recorded;
    const covered = await voidNeedless(transaction, row, now);
    const asked = await requestRefund(transaction, covered, now);
    const within = await withinOwed(transaction, asked, { revision }, recorded);
    const next = reopened(within, before, now);
    await rows.save(next);
    // The hospital took it back.
    if (LOOKED_AT.has(before.status) && next.status !== before.status)
      await closeCases(transaction, next.paymentId, { resolution: 'void', now });
  }

  /**
   * The citizen pays what is open, from the bound account or the one given. Paid, or an order
   * already out: nothing happens. Throws VISIT_UNKNOWN (not-found), CONFIRMATION_NEEDED,
   * BANK_COLLECTS, PAYMENT_IN_REVIEW (conflict), CHANNEL_NOT_OPEN (unprocessable).
   */
  async payNow(
    visitId: string,
    offered: { readonly channel: string; readonly token: string } | undefined,
  ): Promise<void> {
    if (offered) this.parts.channels.mustBeOpen(offered.channel);
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(collectionTable);
      const row = await rows.get({ visitId }, { lock: 'wait' });
      if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      if (row.lenderParty === 'bank')
        throw new DomainError('BANK_COLLECTS', 'conflict', { visitId, lenderId: row.lenderId });
      if (!PAYABLE.has(row.status) || openFen(row) <= 0) return;
      if (!offered && isUnconfirmed(row, this.parts.policy))
        throw new DomainError('CONFIRMATION_NEEDED', 'conflict', { visitId });
      if (!offered && row.status === 'in-review')
        throw new DomainError('PAYMENT_IN_REVIEW', 'conflict', { visitId });
      // The citizen's own request is followed at any hour, also from the bound account.
      const account = offered ?? (await this.boundAccount(transaction, row.accountPersonId));
      const offer = account
        ? {
            offeredChannel: account.channel,
            offeredToken: this.parts.vault.seal(account.token, visitId),
          }
        : {};
      // From here on it is the citizen's request that is followed.
      await rows.save({
        ...row,
        ...offer,
        status: 'due',
        nextAttemptAt: AT_ONCE,
        traceparent: activeTraceparent() ?? row.traceparent,
      });
    });
  }

  private async boundAccount(
    transaction: Transaction,
    personId: string,
  ): Promise<{ readonly channel: string; readonly token: string } | undefined> {
    const accounts = (await accountsOf(transaction, [personId])).get(personId) ?? [];
    const bound =
      accounts.find(({ channel }) => this.parts.channels.isOpen(channel)) ?? accounts[0];
    if ((await diedAmong(transaction, [personId])).has(personId)) return undefined;
    return (
      bound && { channel: bound.channel, token: this.parts.vault.open(bound.sealedToken, personId) }
    );
  }

  private fresh(event: Adjudicated): CollectionRow {
    const { id, data, traceparent } = event;
    const closedAt = new Date(data.closedAt);
    return {
      paymentId: paymentIdOf(data.visitId),
      visitId: data.visitId,
      accountPersonId: data.accountPersonId,
      institutionId: data.institutionId,
      closedAt,
      closedDate: businessDateOf(closedAt),
      revision: 0,
      verdict: '',
      grossFen: 0,
      dueFen: 0,
      capturedFen: 0,
      refundingFen: 0,
      refundedFen: 0,
      writtenOffFen: 0,
      reviewedFen: 0,
      status: 'paid',
      attempts: 0,
      orders: 0,
      orderId: null,
      inquiries: 0,
      nextAttemptAt: null,
      lease: 0,
      declineReason: null,
      offeredChannel: null,
      offeredToken: null,
      presence: data.presence ?? null,
      confirmation: null,
      unclearedSince: null,
      ...lenderOf(event),
      causationId: id,
      traceparent: traceparent ?? null,
    };
  }

  /** The verdict and, of a later revision, the reversal of the earlier one: rows of one day. */
  private async settle(
    transaction: Transaction,
    before: CollectionRow,
    { data }: Adjudicated,
    bookedOn: string,
  ): Promise<void> {
    const { visitId, revision, grossFen, patientDueFen: dueFen } = data;
    const { insurerSettledAt: settledAt } = data;
    const insurerSettledAt = settledAt === undefined ? null : new Date(settledAt);
    const base = { visitId, bookedOn, insurerSettledAt };
    await transaction.rows(settlementTable).insert(
      ...(before.revision === 0
        ? []
        : [
            {
              ...base,
              revision: before.revision,
              kind: 'reversed' as const,
              grossFen: -before.grossFen,
              dueFen: -before.dueFen,
            },
          ]),
      { ...base, revision, kind: 'settled', grossFen, dueFen },
    );
  }

  /**
   * Keeps the insurers' parts of this revision and posts what changed: who owes more, who less, and
   * what the institution is owed.
   */
  private async postVerdict(
    transaction: Transaction,
    before: CollectionRow,
    event: Adjudicated,
    recorded: Recorded,
  ): Promise<void> {
    const { data } = event;
    await this.settle(transaction, before, event, bookDayOf(recorded));
    const parts = transaction.rows(insurerPartTable);
    const earlier = (await parts.find({ visitId: data.visitId, revision: before.revision })).filter(
      ({ amountFen }) => amountFen !== 0,
    );
    const nowFen = new Map<string, number>();
    for (const { payerId, amountFen } of data.payers)
      nowFen.set(payerId, (nowFen.get(payerId) ?? 0) + amountFen);
    if (nowFen.size > 0)
      await parts.insert(
        ...[...nowFen].map(([payerId, amountFen]) => ({
          visitId: data.visitId,
          payerId,
          revision: data.revision,
          amountFen,
        })),
      );
    const changes = [
      { account: debtorAccount(before), amountFen: data.patientDueFen - before.dueFen },
      ...[...nowFen].map(([payerId, amountFen]) => ({
        account: accounts.insurer(payerId),
        amountFen,
      })),
      ...earlier.map(({ payerId, amountFen }) => ({
        account: accounts.insurer(payerId),
        amountFen: -amountFen,
      })),
      {
        account: accounts.institution(data.institutionId),
        amountFen: before.grossFen - data.grossFen,
      },
    ];
    await post(transaction, `verdict/${data.visitId}/${data.revision}`, changes, recorded);
  }
}

/** Who waits for what is due. */
const lenderOf = ({
  data: { lender, institutionId },
}: Adjudicated): Pick<CollectionRow, 'lenderParty' | 'lenderId'> => {
  switch (lender?.kind) {
    case 'hospital':
      return { lenderParty: 'institution', lenderId: institutionId };
    case 'bank':
      return { lenderParty: 'bank', lenderId: lender.lenderId };
    default:
      return { lenderParty: 'funder', lenderId: lender?.lenderId ?? FUND };
  }
};
