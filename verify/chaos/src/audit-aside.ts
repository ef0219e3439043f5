import type { SetAsideRow } from './audit-hands';
import { Check, type Finding } from './finding';
import type { Touched } from './touched';

/** A process of the ledger: how many visits its `/health` says stand aside, and its gauge. */
export interface LedgerProcess {
  readonly name: string;
  readonly standing: number;
  readonly gauge: number;
}

/** A message that the ledger has parked. */
export interface WaitingRow {
  readonly visitId: string;
  readonly topic: string;
  readonly messageId: string | null;
  readonly offsetNo: number;
  readonly holds: boolean;
}

/** A visit whose money payment does not move, since its log cannot be used. */
export interface HeldVisit {
  readonly visitId: string;
  readonly isHeld: boolean;
}

/** How the ledger shows a visit. */
export interface ShownVisit {
  readonly visitId: string;
  readonly status: string;
  readonly missedReason: string | null;
}

/** An event that was written into an older copy of the log. */
export interface StrayedRow {
  readonly stream: string;
  readonly type: string;
}

/** How the platform stands when all work is done but that of visits which others touched. */
export interface Standing {
  readonly rows: readonly SetAsideRow[];
  /** By visit: how the ledger refuses its history. */
  readonly answers: ReadonlyMap<string, string | undefined>;
  readonly processes: readonly LedgerProcess[];
  readonly waiting: readonly WaitingRow[];
  readonly held: readonly HeldVisit[];
  readonly shown: readonly ShownVisit[];
  /** How often the log was an older copy for a while, and what was written into it then. */
  readonly olderCopies: number;
  readonly strayed: readonly StrayedRow[];
  /** Processes that were started on it, and ended. */
  readonly startsRefused: number;
}

/**
 * Codes of the refusals: first an operator asks as it is; then with the rows put back, or with the
 * name of the event that is not ours.
 */
export interface Resumed {
  readonly visitId: string;
  readonly asItIs: string | undefined;
  readonly mended: string | undefined;
}

const standAside = (touched: readonly Touched[], { rows }: Standing): Finding => {
  const check = new Check(
    'the visits whose streams others touched are set aside, from the event at fault on, and no other',
    true,
  );
  for (const { stream, kind, revision } of touched) {
    const row = rows.find((one) => one.stream === stream);
    // Of rows that were taken away, the one that its reader missed.
    const isThere =
      kind === 'truncated' ? row && row.revision <= revision : row?.revision === revision;
    check.must(row?.kind === kind && isThere === true && row.continuedIn === null, () => ({
      stream,
      kind,
      revision,
      row: row ?? 'not set aside',
    }));
  }
  for (const row of rows)
    check.must(
      touched.some(({ stream }) => stream === row.stream),
      () => ({ ...row, touched: 'by nobody' }),
    );
  return check.finding();
};

const told = (touched: readonly Touched[], { processes, held }: Standing): Finding => {
  const check = new Check(
    'each ledger process says how many visits stand aside (`/health`, gauge), and payment holds them alone',
  );
  for (const { name, standing, gauge } of processes)
    check.must(standing === touched.length && gauge === touched.length, () => ({
      ...{ name, standing, gauge, touched: touched.length },
    }));
  const holds = new Set(held.flatMap(({ visitId, isHeld }) => (isHeld ? [visitId] : [])));
  for (const { visitId } of touched)
    check.must(holds.has(visitId), () => ({ visitId, payment: 'does not hold it' }));
  for (const { visitId } of held)
    check.must(
      touched.some((one) => one.visitId === visitId),
      () => ({ visitId, payment: 'holds it, and nobody touched it' }),
    );
  return check.finding();
};

const standStill = (touched: readonly Touched[], { answers, waiting }: Standing): Finding => {
  const check = new Check(
    'a visit that is set aside answers VISIT_SET_ASIDE, its messages wait in order, and no others wait',
    true,
  );
  for (const { visitId } of touched)
    check.must(answers.get(visitId) === 'VISIT_SET_ASIDE', () => ({
      visitId,
      answer: answers.get(visitId) ?? 'its history',
    }));
  for (const row of waiting)
    check.must(row.holds && touched.some(({ visitId }) => visitId === row.visitId), () => row);
  check.note(`${waiting.length} messages of ${touched.length} visits wait`);
  return check.finding();
};

/** Of those that stand aside nothing is expected: no more than were touched are passed over. */
const othersOver = (touched: readonly Touched[], { shown }: Standing): Finding => {
  const check = new Check(
    'everybody else’s visits are over while those that others touched stand aside',
  );
  const aside = new Set(touched.map(({ visitId }) => visitId));
  const others = shown.filter(({ visitId }) => !aside.has(visitId));
  for (const { status, missedReason, visitId } of others)
    check.must(
      ['settled', 'cancelled'].includes(status) ||
        (status === 'adjudicated' && missedReason !== null),
      () => ({ visitId, status }),
    );
  const passedOver = shown.length - others.length;
  check.must(passedOver === touched.length, () => ({ passedOver, touched: touched.length }));
  check.note(`${passedOver} visits that stand aside are passed over`);
  return check.finding();
};

const nothingStrayed = ({ olderCopies, strayed, startsRefused }: Standing): Finding => {
  const check = new Check('nothing was written into an older copy of the log', true);
  for (let copy = 0; copy < olderCopies; copy += 1) check.must(true, () => undefined);
  for (const row of strayed) check.must(false, () => row);
  check.note(`${startsRefused} processes refused to start on one`);
  return check.finding();
};

const wentOn = (touched: readonly Touched[], resumed: readonly Resumed[]): Finding => {
  const check = new Check(
    'a visit goes on once an operator puts back what was taken, or names what is not ours, and not before',
    true,
  );
  for (const { visitId, revision } of touched) {
    const answer = resumed.find((one) => one.visitId === visitId);
    check.must(
      answer !== undefined && answer.asItIs === 'FACTS_LEFT_OUT' && answer.mended === undefined,
      () => ({ visitId, revision, answer: answer ?? 'not asked' }),
    );
  }
  return check.finding();
};

/** `caused`: position of the first fact of each message. */
export const inOrder = (
  waiting: readonly WaitingRow[],
  caused: ReadonlyMap<string, bigint>,
): Finding => {
  const check = new Check(
    'what waited for a visit to go on was applied in the order in which it was sent',
    true,
  );
  const last = new Map<string, bigint>();
  for (const { visitId, topic, messageId } of waiting.toSorted((a, b) => a.offsetNo - b.offsetNo)) {
    const position = caused.get(messageId ?? '');
    // A repetition has no effect of its own.
    if (position === undefined) continue;
    const name = `${topic} ${visitId}`;
    check.must(position > (last.get(name) ?? 0n), () => ({ visitId, topic, messageId }));
    last.set(name, position);
  }
  return check.finding();
};

/** What others did, as it is seen before and while an operator ends it. */
export const asideFindings = (
  touched: readonly Touched[],
  standing: Standing,
  resumed: readonly Resumed[],
): Finding[] => [
  standAside(touched, standing),
  told(touched, standing),
  standStill(touched, standing),
  othersOver(touched, standing),
  nothingStrayed(standing),
  wentOn(touched, resumed),
];
