import { identityPersons, visitLedgerVisits } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { JudgedRun } from './judged-run';
import type { Delivered } from './network';
import { rows } from './quiescence';
import type { SettledTab } from './tab-record';
import { must } from './violation';

/** What a webhook reports, as its receiver keeps it apart from others. */
interface Reported {
  readonly visitId?: string;
  readonly chargeId?: string;
  readonly revision?: number;
  readonly conflictingFen?: number;
  readonly submissionId?: string;
  readonly messageId?: string;
}

/** Events of the ledger that a hospital is to learn by webhook. */
const FOR_HOSPITALS = new Set([
  'VisitSettled',
  'VisitCancelled',
  'VisitOverdue',
  'ChargeNotDeferred',
  'ChargeAwaitsAgreement',
  'ChargeConflictFound',
  'SubmissionRejected',
  'HolderContradicted',
  'VisitSetAside',
  'VisitResumed',
]);

const keyOf = (type: string, reported: Reported): string => {
  const { visitId, chargeId, revision, conflictingFen, submissionId, messageId } = reported;
  const which = type === 'VisitSettled' ? revision : (submissionId ?? messageId);
  return [type, visitId, chargeId, which, conflictingFen].join(' ');
};

/** Every webhook that an event made due has reached its hospital, whatever was away meanwhile. */
export const webhooksArrived = ({ world }: JudgedRun): void => {
  const arrived = new Map<string, Set<string>>();
  for (const { to, body } of world.delivered) {
    if (!isWebhook(to)) continue;
    const { type, ...reported } = body as Reported & { readonly type: string };
    arrived.set(to, (arrived.get(to) ?? new Set()).add(keyOf(type, reported)));
  }
  for (const { topic, message } of world.sent) {
    const type = message.headers['ce_type'] ?? '';
    if (topic !== visitLedgerVisits.name || !FOR_HOSPITALS.has(type)) continue;
    const data = JSON.parse(message.value) as Reported & { readonly institutionId: string };
    const key = keyOf(type, data);
    must(arrived.get(`/${data.institutionId}`)?.has(key) ?? false, 'arrives', () => ({ key }));
  }
};

/** Late charges that the patient does not pay, and was not asked for or has answered. */
const BORNE: ReadonlySet<string> = new Set([
  'LATE_CHARGE_REFUSED',
  'LATE_CHARGE_UNANSWERED',
  'LATE_CHARGE_HOSPITAL_BEARS',
  'PERSON_DIFFERS',
]);

/**
 * Who has the notice that a visit is settled gets one of each charge that is not deferred afterwards,
 * unless its hospital bears it: by the events of the ledger. An erased person has no notices left.
 */
export const lateChargesAreTold = ({ world }: JudgedRun): void => {
  const told = new Set(
    rows<{ noticeId: string }>(world, 'notification', 'notice').map(({ noticeId }) => noticeId),
  );
  const settled = new Map<string, { readonly eventId: string; readonly accountId: string }>();
  const guardians = guardiansOf(world);
  const seen = new Set<string>();
  for (const { topic, message } of world.sent) {
    const eventId = message.headers['ce_id'] ?? '';
    if (topic !== visitLedgerVisits.name || seen.has(eventId)) continue;
    seen.add(eventId);
    const type = message.headers['ce_type'];
    const data = JSON.parse(message.value) as Readonly<Record<string, string>>;
    const { visitId = '', personId = '', accountPersonId = '', reason = '', chargeId } = data;
    if (type === 'VisitSettled') settled.set(visitId, { eventId, accountId: accountPersonId });
    const known = settled.get(visitId);
    if (type !== 'ChargeNotDeferred' || !known || BORNE.has(reason)) continue;
    const { accountId } = known;
    if (!told.has(derivedId('notice', known.eventId, accountId, 'visit-settled'))) continue;
    const template = reason === 'LATER_CLAIM_EXISTS' ? 'late-in-question' : 'late-not-deferred';
    // A guardian of later on was asked, and is the one who is notified of the answer.
    const asked = template === 'late-in-question' ? (guardians.get(personId) ?? []) : [];
    const isTold = [accountId, ...asked].some((id) =>
      told.has(derivedId('notice', eventId, id, template)),
    );
    must(isTold, 'told', () => ({ visitId, chargeId, reason, template }));
  }
};

const guardiansOf = ({ sent }: JudgedRun['world']): Map<string, string[]> => {
  const guardians = new Map<string, string[]>();
  for (const { topic, message } of sent) {
    if (topic !== identityPersons.name || message.headers['ce_type'] !== 'GuardianAppointed')
      continue;
    const { personId, guardianId } = JSON.parse(message.value) as Readonly<Record<string, string>>;
    guardians.set(personId!, [...(guardians.get(personId!) ?? []), guardianId!]);
  }
  return guardians;
};

const isWebhook = (to: string): boolean => to.startsWith('/');

const yuan = (fen: number): string =>
  `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')} 元`;

/**
 * Who reads that a visit is settled, or that its payment failed, reads what is on the tab, charge by
 * charge, and what is to be paid at the counter as well, and amounts alone where the visit is another
 * person's. Judged by the facts as an onlooker keeps them.
 */
export const peopleReadWhatIsSo = ({ world, watch }: JudgedRun): void => {
  const read = new Map(
    world.delivered.flatMap((one) => (isWebhook(one.to) ? [] : [[one.noticeId, one] as const])),
  );
  for (const [visitId, tab] of watch.book.tabs)
    for (const [template, settled] of [
      ...tab.settlements.map((each) => ['visit-settled', each] as const),
      ...tab.misses.map((each) => ['payment-missed', each] as const),
    ]) {
      const { eventId, accountPersonId } = settled;
      const noticeId = derivedId('notice', eventId, accountPersonId, template);
      const one = read.get(noticeId);
      if (one?.to === 'mail') mailIsSo(one, visitId, settled);
      if (one?.to === 'sms') smsIsSo(one, visitId, settled);
    }
};

/** Charges on the tab that a mail names; of the others it says how many, and their sum. */
const NAMED_MAX = 20;
const TAB_LINE = /^· .+：(\d+)\.(\d\d) 元$/gm;
const TAB_MORE = /另有 (\d+) 项，共 (\d+)\.(\d\d) 元，请登录/;

/** The patient reads each charge on the tab with its amount, and they come to the tab. */
const tabIsSo = (text: string, visitId: string, settled: SettledTab): void => {
  const { onTabFen, grossFen } = settled;
  const found = (what: string) => () => ({ visitId, what, text, settled });
  const namedFen = [...text.matchAll(TAB_LINE)].map(([, yuans, fen]) => Number(`${yuans}${fen}`));
  const [, count = '0', yuans = '0', fen = '00'] = TAB_MORE.exec(text) ?? [];
  must(namedFen.length === Math.min(NAMED_MAX, onTabFen.length), 'told', found('the tab'));
  must(namedFen.length + Number(count) === onTabFen.length, 'told', found('how many more'));
  const sumFen = namedFen.reduce((sum, one) => sum + one, Number(`${yuans}${fen}`));
  must(sumFen === grossFen, 'told', found('the sum of the tab'));
  const left = [...onTabFen];
  for (const oneFen of namedFen) {
    const at = left.indexOf(oneFen);
    must(at >= 0, 'told', found('an amount of the tab'));
    left.splice(at, 1);
  }
};

const mailIsSo = ({ body }: Delivered, visitId: string, settled: SettledTab): void => {
  const text = String(body);
  const { grossFen, notOnTab, personId, accountPersonId } = settled;
  const found = (what: string) => () => ({ visitId, what, text, settled });
  const isPatient = personId === accountPersonId;
  const sumFen = notOnTab.reduce((sum, { amountFen }) => sum + amountFen, 0);
  must(text.includes('收费窗口') === notOnTab.length > 0, 'told', found('the counter'));
  must(!text.includes('_'), 'told', found('a code'));
  if (grossFen === 0 && notOnTab.length > 0)
    must(!text.includes('结清'), 'told', found('settled, though nothing is on the tab'));
  if (notOnTab.length > 0) must(text.includes(yuan(sumFen)), 'told', found(yuan(sumFen)));
  if (isPatient) tabIsSo(text, visitId, settled);
  else must(!text.includes('·'), 'told', found('items'));
  for (const { amountFen, chargeId } of notOnTab) {
    must(!text.includes(chargeId), 'told', found('a charge id'));
    if (isPatient) must(text.includes(yuan(amountFen)), 'told', found(yuan(amountFen)));
  }
};

/** An SMS is read by others, too: the amount at the counter, and nothing of what it is for. */
const smsIsSo = ({ body }: Delivered, visitId: string, settled: SettledTab): void => {
  const text = String(body);
  const { notOnTab } = settled;
  const found = (what: string) => () => ({ visitId, what, text, settled });
  const sumFen = notOnTab.reduce((sum, { amountFen }) => sum + amountFen, 0);
  must(text.includes('收费窗口') === notOnTab.length > 0, 'told', found('the counter'));
  if (notOnTab.length > 0)
    must(text.includes(yuan(sumFen).replace(' ', '')), 'told', found(yuan(sumFen)));
  must(!/[_·]/.test(text), 'told', found('a code or an item'));
  for (const { chargeId } of notOnTab) must(!text.includes(chargeId), 'told', found('an item'));
};
