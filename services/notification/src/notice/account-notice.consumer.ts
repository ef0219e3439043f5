import { businessDateOf, creditAccounts, on, paymentPayments } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { REST } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { arrearsNotices } from './arrears-notices';
import { Notices, occurrence } from './notices';
import { refundIn } from './report-facts';

const IGNORED = {
  PaymentCaptured: 'ignore',
  PaymentDeclined: 'ignore',
  PaymentOutcomeUnknown: 'ignore',
  PaymentContradicted: 'ignore',
  RefundRefused: 'ignore',
  WriteOffReduced: 'ignore',
} as const;

/** What happens to a person's line and money → a notice to the person, or to the guardian. */
@Controller()
export class AccountNoticeConsumer {
  constructor(@Inject(Notices) private readonly notices: Notices) {}

  @Consumes({ from: creditAccounts, group: 'notification.account' })
  accounts(
    @Payload() event: EventOf<typeof creditAccounts>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(creditAccounts, event, {
      ServiceOpened: (opened) =>
        this.notices.notifyAccount(
          transaction,
          opened.data.accountPersonId,
          occurrence(opened, 'service-opened', { lineFen: opened.data.lineFen }),
        ),
      ServiceClosed: (closed) =>
        this.notices.notifyPerson(
          transaction,
          closed.data.personId,
          occurrence(closed, 'service-closed', {}),
        ),
      VisitConfirmationAsked: (asked) => {
        const { personId, visitId, answerUntil } = asked.data;
        const notice = occurrence(asked, 'visit-confirmation', { visitId, answerUntil });
        return this.notices.notifyAccount(transaction, personId, notice);
      },
      LineChanged: (changed) => {
        const { personId, fromFen, lineFen, reason } = changed.data;
        const facts = { fromFen, lineFen, reason };
        return this.notices.notifyAccount(
          transaction,
          personId,
          occurrence(changed, 'line-changed', facts),
        );
      },
      ScoreExpiring: (expiring) => {
        const { personId, expiresAt, then } = expiring.data;
        const facts = { expiresOn: businessDateOf(expiresAt), becomes: then.toLowerCase() };
        return this.notices.notifyAccount(
          transaction,
          personId,
          occurrence(expiring, 'score-expiring', facts),
        );
      },
      ScoreAppealDecided: (decided) => {
        const { personId, outcome } = decided.data;
        const facts = { becomes: outcome.toLowerCase() };
        return this.notices.notifyPerson(
          transaction,
          personId,
          occurrence(decided, 'score-appeal-decided', facts),
        );
      },
      ...arrearsNotices(this.notices, transaction),
      AccountFrozen: (frozen) =>
        this.notices.notifyPerson(
          transaction,
          frozen.data.personId,
          occurrence(frozen, 'account-frozen', { reason: frozen.data.reason }),
        ),
      AccountUnfrozen: (unfrozen) =>
        this.notices.notifyPerson(
          transaction,
          unfrozen.data.personId,
          occurrence(unfrozen, 'account-unfrozen', {}),
        ),
    });
  }

  @Consumes({
    from: paymentPayments,
    group: 'notification.payment',
    ignored: IGNORED,
    rest: REST.gathering,
  })
  payments(
    @Payload() event: EventOf<typeof paymentPayments>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(paymentPayments, event, {
      RefundCompleted: (refund) => {
        const { accountPersonId } = refund.data;
        const notice = occurrence(refund, 'refund-completed', refundIn(refund));
        return this.notices.notifyAccount(transaction, accountPersonId, notice);
      },
      PaymentAwaitsConfirmation: (asked) => {
        const { visitId, accountPersonId, amountFen, endedAt } = asked.data;
        const notice = occurrence(asked, 'presence-check', { visitId, amountFen, endedAt });
        return this.notices.notifyAccount(transaction, accountPersonId, notice);
      },
      DueWrittenOff: (written) => {
        const { visitId, accountPersonId, amountFen } = written.data;
        const notice = occurrence(written, 'due-written-off', { visitId, amountFen });
        return this.notices.notifyAccount(transaction, accountPersonId, notice);
      },
      PaymentDisputed: (disputed) => {
        const { visitId, institutionId, amountFen, reason } = disputed.data;
        const notice = occurrence(disputed, disputed.type, { visitId, amountFen, reason });
        return this.notices.notifyInstitution(transaction, institutionId, notice);
      },
      ...IGNORED,
    });
  }
}
