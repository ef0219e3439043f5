import type { Transaction } from '@caretab/store';
import { deathTable, institutionTable } from '../institution/institution.table';
import { type PreferenceRow, preferenceTable } from '../preference/preference.table';
import type { NoticeRow } from './notice.table';
import { isWay } from './ways';
import type { WebhookSecrets } from './webhook-secrets';

/** A claimed notice with what its sending depends on. */
export interface Delivery {
  readonly notice: NoticeRow;
  readonly preference: PreferenceRow | undefined;
  /** The person has died. */
  readonly died: boolean;
  /** Undefined while the institution is not known; null where it has none. */
  readonly webhookUrl: string | null | undefined;
  readonly secrets: readonly string[];
  /** What the hospital is called that a notice to a person is about; null where it has no name. */
  readonly hospital: string | null | undefined;
}

/** The institution whose visit a notice is about. */
const hospitalOf = ({ visitId }: NoticeRow): string | undefined =>
  visitId?.slice(0, visitId.indexOf('-'));

const recipients = (rows: readonly NoticeRow[], arePeople: boolean): string[] => [
  ...new Set(
    rows
      .filter(({ channel }) => isWay(channel) === arePeople)
      .map(({ recipientId }) => recipientId),
  ),
];

/** Reads what the delivery of claimed notices depends on. */
export const deliveriesOf = async (
  transaction: Transaction,
  rows: readonly NoticeRow[],
  secrets: WebhookSecrets,
): Promise<Delivery[]> => {
  const [institutionIds, personIds] = [recipients(rows, false), recipients(rows, true)];
  const wanted = new Set([...institutionIds, ...rows.flatMap((row) => hospitalOf(row) ?? [])]);
  const institutions =
    wanted.size === 0
      ? []
      : await transaction.rows(institutionTable).find({ institutionId: { in: [...wanted] } });
  const preferences =
    personIds.length === 0
      ? []
      : await transaction.rows(preferenceTable).find({ personId: { in: personIds } });
  const died = new Set(
    (personIds.length === 0
      ? []
      : await transaction.rows(deathTable).find({ personId: { in: personIds }, died: true })
    ).map(({ personId }) => personId),
  );
  const known = new Map(institutions.map((one) => [one.institutionId, one]));
  const preferenceOf = new Map(preferences.map((one) => [one.personId, one]));
  const secretsOf = await secrets.inForce(transaction, institutionIds);
  return rows.map((notice) => {
    const institutionId = hospitalOf(notice);
    return {
      notice,
      preference: preferenceOf.get(notice.recipientId),
      died: died.has(notice.recipientId),
      webhookUrl: known.get(notice.recipientId)?.webhookUrl,
      secrets: secretsOf.get(notice.recipientId) ?? [],
      hospital: institutionId && (known.get(institutionId)?.name ?? null),
    };
  });
};
