import type { EventData, visitLedgerVisits } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { type Facts, noticeTable } from './notice.table';
import { notOnTabFacts } from './templates';

/** A late charge that the hospital bears, or brings to the operator: the patient pays nothing now. */
const NOT_THEIRS: ReadonlySet<string> = new Set([
  'LATE_CHARGE_REFUSED',
  'LATE_CHARGE_UNANSWERED',
  'LATE_CHARGE_HOSPITAL_BEARS',
  'LATER_CLAIM_EXISTS',
]);

export const notTheirs = ({ reason }: { readonly reason?: string | undefined }): boolean =>
  reason !== undefined && NOT_THEIRS.has(reason);

/** By what the patient knows what a late charge is for. */
export const itemIn = ({
  itemCode,
  occurredAt,
}: {
  readonly itemCode?: string | undefined;
  readonly occurredAt?: string | undefined;
}): Facts => ({
  ...(itemCode !== undefined && { itemCode }),
  ...(occurredAt !== undefined && { occurredAt }),
});

/** What a notice says of a charge, to whom, and by which template. */
interface Told {
  readonly recipientId: string;
  readonly template: 'late-not-deferred' | 'late-in-question';
  readonly facts: Facts;
}

/**
 * The notice of a charge that is not deferred after its visit was settled, or after its payer was
 * asked for it; undefined where the settlement's own notice will name it, where the hospital bears
 * it, or where it is another person's.
 */
export const afterSettlement = async (
  transaction: Transaction,
  refused: EventData<typeof visitLedgerVisits, 'ChargeNotDeferred'>,
): Promise<Told | undefined> => {
  const { visitId, personId, amountFen, reason } = refused;
  const isInQuestion = reason === 'LATER_CLAIM_EXISTS';
  if ((notTheirs({ reason }) && !isInQuestion) || reason === 'PERSON_DIFFERS') return undefined;
  const [known] = await transaction.rows(noticeTable).find(
    {
      visitId,
      template: { in: isInQuestion ? ['visit-settled', 'late-charge'] : ['visit-settled'] },
    },
    { orderBy: 'occurredAt', descending: true, countMax: 1 },
  );
  return (
    known && {
      recipientId: known.recipientId,
      template: isInQuestion ? 'late-in-question' : 'late-not-deferred',
      facts:
        known.recipientId === personId
          ? { visitId, audience: 'patient', amountFen, reason, ...itemIn(refused) }
          : { visitId, audience: 'payer', amountFen },
    }
  );
};

/** What a payer learns of a payment that failed: the tab, and what is paid at the counter beside it. */
export const missedIn = ({
  data,
}: {
  readonly data: EventData<typeof visitLedgerVisits, 'PaymentMissed'>;
}): Facts => {
  const { visitId, accountPersonId, personId, owedFen, reason } = data;
  const { grossFen, notDeferred = [], onTab, onTabCount } = data;
  const isPatient = accountPersonId === personId;
  const theirs = notDeferred.filter((charge) => !notTheirs(charge));
  return {
    ...{ visitId, audience: isPatient ? 'patient' : 'payer', owedFen, reason },
    ...(grossFen !== undefined && { grossFen, ...notOnTabFacts(theirs, isPatient) }),
    ...(isPatient && onTab && onTabCount !== undefined && { onTab, onTabCount }),
  };
};
