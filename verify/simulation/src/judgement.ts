import { arrearsAreSo, linesAreFrozen } from './arrears-judgement';
import { revokedIsNotUsed } from './consent-judgement';
import { theDeadAreLeftAlone } from './death-judgement';
import { linesFollowThePolicy } from './policy-judgement';
import { wardsAreOnTheirGuardians } from './ward-judgement';
import { setAsideAreTouched } from './hands';
import { anchorFaults, standsAside, unknownFaults } from './intrusion';
import { bookedAsTheBankSays, casesAreOver, noDebitAtNight } from './bank-judgement';
import { daysAreCleared } from './clearing-judgement';
import { endsAsPlanned } from './ending';
import { fatesAreSo } from './fate-judgement';
import { holdersAreSo } from './holder-judgement';
import { tabsAsTheHospitalsSay } from './hospital-judgement';
import { undoneAsSaid } from './undone-judgement';
import { viewsAreSo } from './view-judgement';
import { reportsAnswered, untimelyOf } from './submission-judgement';
import { parkedRows, rows } from './quiescence';
import type { Tab } from './tab-record';
import { isForAnother } from './stranger-book';
import { statementIsCompared } from './statement-judgement';
import { debtFenOf, owedFenOf } from './debt';
import { lendingIsSo } from './lending-judgement';
import { mergesAreSo } from './merge-judgement';
import { must } from './violation';
import { lateChargesAreSo } from './late-judgement';
import { lateChargesAreTold, peopleReadWhatIsSo, webhooksArrived } from './notice-judgement';
import type { JudgedRun } from './judged-run';
import type { SimulatedPlatform } from './simulated-platform';
import { verdictsAreRight } from './verdict-judgement';
import { wrongSumsAreTold } from './sum-judgement';
import { isWrongSum } from './wrong-sums';

interface Hold {
  readonly visitId: string;
  readonly status: string;
  readonly heldFen: number;
  readonly outstandingFen: number;
  readonly dueFen: number;
}
interface Account {
  readonly accountPersonId: string;
  readonly heldFen: number;
  readonly outstandingFen: number;
  readonly entryCount: number;
}
interface Entry {
  readonly accountPersonId: string;
  readonly sequence: number;
  readonly heldFen: number;
  readonly outstandingFen: number;
}
interface Collection {
  readonly visitId: string;
  readonly status: string;
  readonly dueFen: number;
  readonly capturedFen: number;
  readonly refundedFen: number;
}
interface Posted {
  readonly visitId: string;
  readonly postedFen: number;
}

/**
 * The end: faults are over and the platform is at rest, so nothing may be left open. Throws
 * Violation.
 */
export const judge = async (court: JudgedRun): Promise<void> => {
  const { world, people, watch } = court;
  for (const { service, row } of parkedRows(world))
    must(false, 'parked', () => ({
      service,
      group: row.groupName,
      code: row.code,
      reason: row.reason,
      key: row.key,
      type: (JSON.parse(row.headers) as Record<string, string>)['ce_type'],
    }));
  setAsideAreTouched(court);
  watch.atRest();
  must(people.refused.length === 0, 'decided', () => people.refused);
  chargesDecided(court);
  reportsAnswered(court);
  wrongSumsAreTold(court);
  undoneAsSaid(court);
  tabsAsTheHospitalsSay(court);
  verdictsAreRight(court);
  endsAsPlanned(court);
  bookedAsTheBankSays(court);
  noDebitAtNight(court);
  casesAreOver(court);
  for (const [visitId, tab] of watch.book.tabs) visitEnded(court, visitId, tab);
  await holdersAreSo(court);
  await fatesAreSo(court);
  await chains(court);
  await views(court);
  await viewsAreSo(court);
  theDeadAreLeftAlone(court);
  wardsAreOnTheirGuardians(court);
  await linesFollowThePolicy(court);
  arrearsAreSo(court);
  await linesAreFrozen(court);
  await revokedIsNotUsed(court);
  await mergesAreSo(court);
  await lendingIsSo(court);
  peopleReadWhatIsSo(court);
  lateChargesAreTold(court);
  lateChargesAreSo(court);
  webhooksArrived(court);
  // Days end from here on, and what waited for its limit is rejected.
  await reconciled(court);
  await daysAreCleared(court);
  await statementIsCompared(court);
  sentOnce(world);
  entries(world);
  await nobodyNamed(court);
};

/** Every change of a line has one entry, and the entries add up to it. */
const entries = (world: SimulatedPlatform): void => {
  const all = rows<Entry>(world, 'credit', 'entry');
  for (const account of rows<Account>(world, 'credit', 'account')) {
    const own = all
      .filter(({ accountPersonId }) => accountPersonId === account.accountPersonId)
      .sort((a, b) => a.sequence - b.sequence);
    const sum = (field: 'heldFen' | 'outstandingFen'): number =>
      own.reduce((total, entry) => total + entry[field], 0);
    must(
      own.length === account.entryCount &&
        own.every(({ sequence }, index) => sequence === index + 1),
      'heldAddsUp',
      () => ({ account, sequences: own.map(({ sequence }) => sequence) }),
    );
    must(
      sum('heldFen') === account.heldFen && sum('outstandingFen') === account.outstandingFen,
      'heldAddsUp',
      () => ({ account, own }),
    );
  }
};

/** No name, number or address is in clear in any row, message or fact. */
const nobodyNamed = async ({ world, plan }: JudgedRun): Promise<void> => {
  const words = plan.citizens.flatMap(({ name, idNumber, mobile, email }) => [
    name,
    idNumber,
    mobile,
    email,
  ]);
  const look = (where: string, text: string): void => {
    for (const word of words) must(!text.includes(word), 'private', () => ({ where }));
  };
  for (const [service, database] of world.databases)
    for (const [table, stored] of database.everything())
      look(`${service} ${table}`, JSON.stringify(stored));
  look('messages', JSON.stringify(world.sent));
  for (const { stream, type, data, metadata } of await world.events.readAll({
    after: 0n,
    countMax: Number.MAX_SAFE_INTEGER,
    onFaults: async () => undefined,
  }))
    look(type, JSON.stringify({ stream, data, metadata }));
};

const chargesDecided = (court: JudgedRun): void => {
  const { plan, people, watch } = court;
  const untimely = untimelyOf(court);
  const isDecided = (visitId: string, chargeId: string): boolean =>
    untimely.has(`${visitId}/${chargeId}`) ||
    (watch.book.tabs.get(visitId)?.decisions.has(chargeId) ?? false);
  for (const visit of plan.visits) {
    const tab = watch.book.tabs.get(people.visitIdOf(visit));
    for (const action of people.acceptedOf(visit)) {
      if (action.kind !== 'charges' || people.turnedAway.has(visit)) continue;
      if (isForAnother(visit, action)) continue;
      for (const { chargeId } of action.charges.filter((charge) => !isWrongSum(charge)))
        must(isDecided(people.visitIdOf(visit), chargeId), 'decided', () => ({
          visitId: people.visitIdOf(visit),
          chargeId,
          status: tab?.status,
        }));
    }
  }
};

const visitEnded = (court: JudgedRun, visitId: string, tab: Tab): void => {
  const { world, people, watch, standing } = court;
  // Charges that came before the opening wait for one that was turned away.
  if (
    tab.status === 'unknown' &&
    [...people.turnedAway].some((visit) => people.visitIdOf(visit) === visitId)
  )
    return;
  const hold = rows<Hold>(world, 'credit', 'hold').find((row) => row.visitId === visitId);
  const collection = rows<Collection>(world, 'payment', 'collection').find(
    (row) => row.visitId === visitId,
  );
  const owedFen = owedFenOf(tab);
  const writtenOffFen =
    tab.status === 'adjudicated' ? (standing.writtenOff.get(visitId)?.amountFen ?? 0) : 0;
  const seen = (): object => ({
    visitId,
    status: tab.status,
    ...{ owedFen, writtenOffFen },
    verdict: tab.verdict,
    hold,
    collection,
  });
  // A visit whose hold was declined has no hold to expire: it stays open until its hospital ends
  // it.
  const isOver =
    tab.status === 'cancelled' ||
    tab.status === 'settled' ||
    (tab.status === 'adjudicated' && collection?.status === 'declined') ||
    (tab.status === 'adjudicated' && writtenOffFen > 0) ||
    (tab.status === 'open' && (tab.declined || watch.declinedAgain.has(visitId)));
  must(isOver, 'settled', seen);
  if (tab.status === 'settled') must(owedFen === 0, 'settled', seen);
  const holdsOn = tab.status === 'open' && tab.declined && watch.heldAgain.has(visitId);
  must((hold?.heldFen ?? 0) === 0 || holdsOn, 'holds', seen);
  must(
    (hold?.outstandingFen ?? 0) ===
      (tab.lenderId !== undefined || (tab.status === 'adjudicated' && hold?.status !== 'declined')
        ? debtFenOf(court, visitId, tab)
        : 0),
    'holds',
    seen,
  );
  const paid = collection ?? { dueFen: 0, capturedFen: 0, refundedFen: 0 };
  must(
    paid.dueFen === (tab.verdict?.patientDueFen ?? 0) &&
      paid.capturedFen === tab.paidFen &&
      paid.refundedFen === tab.refundedFen,
    'captured',
    seen,
  );
  const insurersFen = (tab.verdict?.payers ?? []).reduce(
    (sum, { amountFen }) => sum + amountFen,
    0,
  );
  const posted = new Map(
    world.sent
      .filter(({ topic }) => topic.startsWith('insurer.'))
      .map(({ message }) => [message.headers['ce_id'], JSON.parse(message.value) as Posted]),
  );
  const postedFen = [...posted.values()]
    .filter((row) => row.visitId === visitId)
    .reduce((sum, row) => sum + row.postedFen, 0);
  must(postedFen === insurersFen, 'balance', () => ({ ...seen(), postedFen, insurersFen }));
};

const chains = async ({ world }: JudgedRun): Promise<void> => {
  const faults = [...(await unknownFaults(world)), ...(await anchorFaults(world))];
  must(faults.length === 0 && standsAside(world).length === 0, 'chain', () => faults);
};

const views = async ({ people }: JudgedRun): Promise<void> => {
  const { body } = await people.ask('visit-ledger', 'GET', '/visit-ledger/views/check');
  must((body as { equal: boolean }).equal, 'view', () => body);
  const balance = (await people.ask('visit-ledger', 'GET', '/visit-ledger/trial-balance')).body as {
    differenceFen: number;
  };
  must(balance.differenceFen === 0, 'balance', () => balance);
};

const reconciled = async ({ world, people }: JudgedRun): Promise<void> => {
  for (const date of world.days()) {
    const { body } = await people.ask('payment', 'GET', `/payment/reconciliation/${date}`);
    must((body as { agrees?: boolean }).agrees === true, 'captured', () => body);
  }
};

/** A notice reaches a person once by all ways together, or not at all. */
const sentOnce = ({ delivered }: SimulatedPlatform): void => {
  const seen = new Set<string>();
  for (const { to, noticeId } of delivered) {
    if (to !== 'mail' && to !== 'sms') continue;
    must(!seen.has(noticeId), 'sentOnce', () => noticeId);
    seen.add(noticeId);
  }
};
