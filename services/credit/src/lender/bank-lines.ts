import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import { accountTable } from '../account/account.table';
import { subjectTable } from '../enrolment/enrolment.table';
import { mayLend } from '../enrolment/consent';
import { billedTo, type Hold } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import { inform, isSame, isUntold, revokedFor } from './bank-consents';
import { type BankLine, bankLineTable } from './bank-line.table';
import type { LinePolicies } from '../policy/line-policies';
import { banksOf } from '../policy/terms';
import type { GrantAnswer, Lender, LenderAnswer } from './lender';

export interface BankLinesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly policies: LinePolicies;
  /** Absent: no bank is connected, and none is asked. */
  readonly lender: Lender | undefined;
  readonly count: (kind: 'grant' | 'consents', outcome: string) => void;
}

/** A bank's word about a line of its own, as of `at`; nothing: it is over. */
export interface LineNotice {
  readonly lenderId: string;
  readonly personId: string;
  readonly lineFen: number;
  readonly at: Date;
}

/** A bank that lends to a person, and what is left of its line. */
export interface Lending {
  readonly lenderId: string;
  readonly leftFen: number;
}

type Answer = GrantAnswer | LenderAnswer;

const LANES = 2;
/** Longer than one question may take. */
const LEASE_MS = 30_000;
const DELAYS_MS = [5_000, 30_000, 5 * 60_000, 3_600_000];
/** Then it is asked again with the person's next visit. */
const ATTEMPTS_MAX = 48;
/** A bank that refused is asked again after so long, or for another line. */
const REFUSED_MS = 24 * 3_600_000;
const STANDING: readonly Hold['status'][] = ['asked', 'held', 'due'];

const lineIdOf = (personId: string, lenderId: string): string =>
  derivedId('bank-line', personId, lenderId);

/**
 * Lines that banks grant: asked for by a work queue once a person agreed to it, never without. What a
 * bank says later, by itself, counts from then on. What is held stays held, whatever it says.
 */
export class BankLines {
  private readonly queue: WorkQueue<BankLine, BankLine, Answer>;

  constructor(private readonly parts: BankLinesParts) {
    const { store, clock, lender } = parts;
    this.queue = new WorkQueue<BankLine, BankLine, Answer>({
      ...{ store, clock, table: bankLineTable, key: 'lineId', lanes: LANES, leaseMs: LEASE_MS },
      plans: [{ where: {}, waitMaxMs: DELAYS_MS.at(-1)! }],
      begin: (transaction, rows) => this.begin(transaction, rows),
      work: async (row) => {
        const {
          personId: accountPersonId,
          lenderId,
          askedFen: amountFen,
          orders,
          outRevoked,
        } = row;
        const whose = { lenderId, accountPersonId };
        const orderId = (kind: string): string => derivedId(kind, row.lineId, String(orders));
        const answer = outRevoked
          ? await lender!.inform({
              ...{ orderId: orderId('consents-order'), ...whose },
              ...{ number: orders, revoked: outRevoked },
            })
          : await lender!.grant({ orderId: orderId('grant-order'), ...whose, amountFen });
        await this.queue.record(row, answer);
      },
      record: async (transaction, row, answer) => {
        const rows = transaction.rows(bankLineTable);
        if (row.outRevoked === null) return rows.save(this.granted(row, answer as GrantAnswer));
        const informed = this.informed(row, row.outRevoked, answer as LenderAnswer);
        const subject = await transaction.rows(subjectTable).get({ personId: row.personId });
        const isOver = subject?.erased && informed.outRevoked === null;
        if (isOver) await rows.delete({ lineId: row.lineId });
        else await rows.save(informed);
      },
    });
  }

  /** Asks banks what is due; returns how many lines it looked at. */
  runOnce(): Promise<number> {
    return this.parts.lender ? this.queue.runOnce() : Promise.resolve(0);
  }

  /**
   * The banks of the policy in force are to be asked for the person's line, who agreed to that: once,
   * and again for another line, or a day after a no.
   */
  async want(transaction: Transaction, personId: string): Promise<void> {
    const lenderIds = banksOf(this.parts.policies.inForce());
    if (lenderIds.length === 0) return;
    if (!mayLend(await transaction.rows(subjectTable).get({ personId }))) return;
    const account = await transaction.rows(accountTable).get({ accountPersonId: personId });
    const now = this.parts.clock.now();
    const lines = transaction.rows(bankLineTable);
    // In one order everywhere.
    for (const lenderId of [...lenderIds].sort()) {
      const lineId = lineIdOf(personId, lenderId);
      const fresh: BankLine = {
        ...{ lineId, personId, lenderId, state: 'asked', lineFen: 0, askedFen: 0, orders: 0 },
        ...{ isOut: false, attempts: 0, nextAttemptAt: now, lease: 0, saidAt: null },
        ...{ toldRevoked: [], outRevoked: null },
      };
      if (await lines.insertIfAbsent(fresh)) continue;
      const known = await lines.get({ lineId }, { lock: 'wait' });
      // It is being asked already.
      if (!known || (known.isOut && known.nextAttemptAt !== null)) continue;
      const isOther = account !== undefined && account.lineFen !== known.askedFen;
      const saidMs = known.saidAt?.getTime() ?? 0;
      const isAgain = known.state !== 'granted' && now.getTime() - saidMs >= REFUSED_MS;
      if (isOther || isAgain) await lines.save({ ...known, attempts: 0, nextAttemptAt: now });
    }
  }

  /** Banks that know of a person are informed of what they took back or gave again, until they confirm. */
  inform(transaction: Transaction, personId: string): Promise<void> {
    return inform(transaction, personId, this.parts.clock.now());
  }

  /**
   * The bank that lends on a locked account to whose visit it is: the first of these that granted them a
   * line and has something left of it. `none`: they did not agree, or none has answered yet. Of who is
   * merged their own consent and line count, because the bank knows no merge.
   */
  async lending(
    transaction: Transaction,
    whose: Pick<Hold, 'accountPersonId' | 'mergedPersonId'>,
    lenderIds: readonly string[],
  ): Promise<Lending | 'none' | 'LENDER_REFUSED'> {
    const personId = billedTo(whose);
    if (!mayLend(await transaction.rows(subjectTable).get({ personId }))) return 'none';
    const known = await transaction
      .rows(bankLineTable)
      .find({ personId, lenderId: { in: lenderIds } });
    const lines: Lending[] = [];
    for (const lenderId of lenderIds) {
      const line = known.find((one) => one.lenderId === lenderId);
      if (line?.state !== 'granted') continue;
      lines.push({ lenderId, leftFen: await this.leftFen(transaction, whose, line) });
    }
    const lending = lines.find(({ leftFen }) => leftFen > 0) ?? lines[0];
    if (lending) return lending;
    await this.want(transaction, personId);
    const saidNo = known.filter(({ state }) => state === 'refused' || state === 'ended');
    return saidNo.length === lenderIds.length ? 'LENDER_REFUSED' : 'none';
  }

  /** What is left of a bank's line, 0 where more is held or owed. */
  private async leftFen(
    transaction: Transaction,
    { accountPersonId, mergedPersonId }: Pick<Hold, 'accountPersonId' | 'mergedPersonId'>,
    { lenderId, lineFen }: BankLine,
  ): Promise<number> {
    const groups = await transaction
      .rows(holdTable)
      .group(
        { accountPersonId, mergedPersonId, lenderId, status: { in: STANDING } },
        { by: ['lenderId'], sum: ['heldFen', 'outstandingFen'] },
      );
    const takenFen = groups.reduce((sum, { sums }) => sum + sums.heldFen + sums.outstandingFen, 0);
    return Math.max(0, lineFen - takenFen);
  }

  /**
   * What a bank says by itself; one that was said before a later one changes nothing. An answer to a
   * question that is out counts no more. Throws BANK_LINE_UNKNOWN (not-found).
   */
  take({ lenderId, personId, lineFen, at }: LineNotice): Promise<void> {
    const lineId = lineIdOf(personId, lenderId);
    return this.parts.store.transact(async (transaction) => {
      const lines = transaction.rows(bankLineTable);
      const line = await lines.get({ lineId }, { lock: 'wait' });
      if (!line || (line.state !== 'granted' && line.state !== 'ended'))
        throw new DomainError('BANK_LINE_UNKNOWN', 'not-found', { personId });
      if (line.saidAt && at.getTime() <= line.saidAt.getTime()) return;
      const revoked = revokedFor(await transaction.rows(subjectTable).get({ personId }));
      // Without the consent it lends nothing, whatever it says.
      const grantedFen = revoked.includes('bank') ? 0 : lineFen;
      const said = {
        state: grantedFen > 0 ? ('granted' as const) : ('ended' as const),
        ...{ lineFen: grantedFen, saidAt: at },
      };
      const over = { isOut: false, attempts: 0, nextAttemptAt: null, lease: line.lease + 1 };
      await lines.save({ ...line, ...(isUntold(line, revoked) ? {} : over), ...said });
    });
  }

  /** What banks granted a person, and what is left of it. */
  of(personId: string, within?: readonly Whose[]) {
    return this.parts.store.transact(
      async (transaction) => {
        const lines = await transaction
          .rows(bankLineTable)
          .find({ personId }, { orderBy: 'lenderId', countMax: 100 });
        return lines.map(({ lenderId, state, lineFen, saidAt, toldRevoked }) => ({
          ...{ lenderId, state, lineFen, saidAt, toldRevoked: [...toldRevoked] },
        }));
      },
      { within },
    );
  }

  private async begin(
    transaction: Transaction,
    rows: readonly BankLine[],
  ): Promise<Claimed<BankLine, BankLine>[]> {
    const personIds = rows.map(({ personId }) => personId);
    const subjects = await transaction.rows(subjectTable).find({ personId: { in: personIds } });
    const accounts = await transaction
      .rows(accountTable)
      .find({ accountPersonId: { in: personIds }, status: 'open' });
    const known = new Map(subjects.map((one) => [one.personId, one]));
    const linesFen = new Map(accounts.map((one) => [one.accountPersonId, one.lineFen]));
    return rows.map((row) => {
      const subject = known.get(row.personId);
      const revoked = revokedFor(subject);
      if (isUntold(row, revoked)) {
        const outRevoked = [...revoked];
        const fresh = { outRevoked, orders: row.orders + 1, isOut: true, attempts: 0 };
        const isOut = row.outRevoked !== null && isSame(row.outRevoked, revoked);
        const told = isOut ? row : { ...row, ...fresh };
        return { row: told, item: told };
      }
      if (!mayLend(subject)) return { row: { ...row, isOut: false, nextAttemptAt: null } };
      const lineFen = linesFen.get(row.personId) ?? 0;
      if (!row.isOut && row.state === 'granted' && row.askedFen === lineFen)
        return { row: { ...row, nextAttemptAt: null } };
      // The service is not open yet, or has no line.
      if (lineFen === 0) return { row: this.later(row) };
      // What is out is asked again as it was.
      const fresh = { askedFen: lineFen, orders: row.orders + 1, isOut: true, attempts: 0 };
      const asked = row.isOut ? row : { ...row, ...fresh };
      return { row: asked, item: asked };
    });
  }

  /** It is informed again until it confirms: nothing else does. */
  private informed(
    row: BankLine,
    toldRevoked: NonNullable<BankLine['outRevoked']>,
    answer: LenderAnswer,
  ): BankLine {
    this.parts.count('consents', answer.status);
    if (answer.status !== 'done') {
      const { nextAttemptAt, ...later } = this.later(row);
      const now = this.parts.clock.now().getTime();
      return { ...later, nextAttemptAt: nextAttemptAt ?? new Date(now + DELAYS_MS.at(-1)!) };
    }
    // Where it was agreed to again meanwhile, a line is asked for next.
    const nextAttemptAt = row.state === 'refused' ? null : this.parts.clock.now();
    return { ...row, toldRevoked, outRevoked: null, isOut: false, attempts: 0, nextAttemptAt };
  }

  private granted(row: BankLine, answer: GrantAnswer): BankLine {
    const { status } = answer;
    this.parts.count('grant', status === 'contradiction' ? answer.reason : status);
    const over = { isOut: false, attempts: 0, nextAttemptAt: null, saidAt: this.parts.clock.now() };
    if (status === 'granted') return { ...row, ...over, state: 'granted', lineFen: answer.lineFen };
    if (status === 'refused') return { ...row, ...over, state: 'refused', lineFen: 0 };
    return this.later(row);
  }

  private later(row: BankLine): BankLine {
    const attempts = row.attempts + 1;
    const delayMs = retryDelayMs(DELAYS_MS, row.attempts, row.lineId);
    const nextAttemptAt = new Date(this.parts.clock.now().getTime() + delayMs);
    return { ...row, attempts, nextAttemptAt: attempts < ATTEMPTS_MAX ? nextAttemptAt : null };
  }
}
