import type { DueNotice } from './audit-topics';
import { Check, type Finding } from './finding';

export interface NoticeRow {
  readonly noticeId: string;
  readonly channel: 'email' | 'webhook';
  readonly template: string;
  readonly recipientId: string;
  readonly status: string;
  readonly reason: string | null;
}

/** What the other side has: notice ids of webhooks and of mails, each as often as it came. */
export interface Delivered {
  readonly webhooks: readonly string[];
  readonly mails: readonly string[];
}

/** The id that a mail carries as its Message-ID. */
export const noticeIdIn = (source: string): string =>
  /^message-id: *<([^@>]+)@/im.exec(source)?.[1] ?? 'without an id';

const told = (
  due: ReadonlyMap<string, DueNotice>,
  rows: readonly NoticeRow[],
  delivered: Delivered,
): Finding => {
  const check = new Check(
    'every notice that was due was told: webhooks arrived, mails arrived or may ' +
      'have; nothing was told that was not due',
  );
  const byId = new Map(rows.map((row) => [row.noticeId, row]));
  const [hooks, mails] = [new Set(delivered.webhooks), new Set(delivered.mails)];
  for (const [noticeId, { template, channel }] of due) {
    const row = byId.get(noticeId);
    const arrived =
      channel === 'webhook'
        ? row?.status === 'sent' && hooks.has(noticeId)
        : (row?.status === 'sent' && mails.has(noticeId)) || row?.status === 'unconfirmed';
    check.must(arrived ?? false, () => ({
      noticeId,
      template,
      channel,
      status: row?.status ?? 'never written down',
      reason: row?.reason ?? null,
    }));
  }
  for (const noticeId of [...byId.keys(), ...hooks, ...mails])
    check.must(due.has(noticeId), () => ({
      noticeId,
      due: 'never',
      template: byId.get(noticeId)?.template ?? null,
    }));
  const unconfirmed = rows.filter(({ status }) => status === 'unconfirmed');
  const lost = unconfirmed.filter(({ noticeId }) => !mails.has(noticeId)).length;
  if (unconfirmed.length > 0)
    check.note(
      `${unconfirmed.length} mails are unconfirmed, of which ${lost} did not arrive (a mail is never sent twice)`,
    );
  return check.finding();
};

const mailedOnce = ({ mails }: Delivered): Finding => {
  const check = new Check('no mail was sent twice');
  const seen = new Set<string>();
  for (const noticeId of mails) {
    check.must(!seen.has(noticeId), () => ({ noticeId }));
    seen.add(noticeId);
  }
  return check.finding();
};

export const noticeFindings = (
  due: ReadonlyMap<string, DueNotice>,
  rows: readonly NoticeRow[],
  delivered: Delivered,
): Finding[] => [told(due, rows, delivered), mailedOnce(delivered)];
