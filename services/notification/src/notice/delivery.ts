import type { Transaction } from '@caretab/store';
import { institutionTable } from '../institution/institution.table';
import { type PreferenceRow, preferenceTable } from '../preference/preference.table';
import type { NoticeRow } from './notice.table';
import type { WebhookSecrets } from './webhook-secrets';

/** A claimed notice with what its sending depends on. */
export interface Delivery {
  readonly notice: NoticeRow;
  readonly preference: PreferenceRow | undefined;
  /** Undefined while the institution is not known; null where it has none. */
  readonly webhookUrl: string | null | undefined;
  readonly secrets: readonly string[];
}

const recipients = (rows: readonly NoticeRow[], channel: NoticeRow['channel']): string[] => [
  ...new Set(rows.filter((row) => row.channel === channel).map(({ recipientId }) => recipientId)),
];

/** Reads what the delivery of claimed notices depends on. */
export const deliveriesOf = async (
  transaction: Transaction,
  rows: readonly NoticeRow[],
  secrets: WebhookSecrets,
): Promise<Delivery[]> => {
  const [institutionIds, personIds] = [recipients(rows, 'webhook'), recipients(rows, 'email')];
  const institutions =
    institutionIds.length === 0
      ? []
      : await transaction.rows(institutionTable).find({ institutionId: { in: institutionIds } });
  const preferences =
    personIds.length === 0
      ? []
      : await transaction.rows(preferenceTable).find({ personId: { in: personIds } });
  const webhookUrls = new Map(institutions.map((one) => [one.institutionId, one.webhookUrl]));
  const preferenceOf = new Map(preferences.map((one) => [one.personId, one]));
  const secretsOf = await secrets.inForce(transaction, institutionIds);
  return rows.map((notice) => ({
    notice,
    preference: preferenceOf.get(notice.recipientId),
    webhookUrl: webhookUrls.get(notice.recipientId),
    secrets: secretsOf.get(notice.recipientId) ?? [],
  }));
};
