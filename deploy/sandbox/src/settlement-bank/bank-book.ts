import { createHash } from 'node:crypto';
import { type Booked, notice, readFile, statement, statusReport, type Transfer } from './messages';

/**
 * What happens to transfers to an account: `ok` · `rejected` (closed account) · `returned`: paid, and
 * then back · `wrong-amount`: a fen less · `doubled`: paid twice · `late`: booked at the end of the day ·
 * `rejected-paid`: rejected, and paid all the same.
 */
export type AccountBehaviour =
  'ok' | 'rejected' | 'returned' | 'wrong-amount' | 'doubled' | 'late' | 'rejected-paid';

export interface SettlementReport {
  readonly reportId: string;
  readonly kind: 'pain.002' | 'camt.053' | 'camt.054';
  readonly sha256: string;
  readonly content: string;
}

export type BookEntry =
  | { readonly type: 'file'; readonly messageId: string; readonly isTaken: boolean }
  | { readonly type: 'booked'; readonly booked: Booked }
  | { readonly type: 'late'; readonly booked: Booked }
  | { readonly type: 'stated'; readonly references: readonly string[] }
  | { readonly type: 'behaviour'; readonly account: string; readonly behaviour: AccountBehaviour }
  | { readonly type: 'report'; readonly report: SettlementReport };

const REPORTS_MAX = 100;

/** The books of a bank that keeps a settlement account: the same after a restart. */
export class SettlementBankBook {
  private readonly files = new Map<string, boolean>();
  private readonly all: SettlementReport[] = [];
  private readonly moved: Booked[] = [];
  private late: Booked[] = [];
  private readonly stated = new Set<string>();
  private readonly behaviours = new Map<string, AccountBehaviour>();

  constructor(
    private readonly now: () => Date,
    earlier: readonly BookEntry[] = [],
    private readonly keep: (entry: BookEntry) => void = () => undefined,
  ) {
    for (const entry of earlier) this.apply(entry);
  }

  behave(account: string, behaviour: AccountBehaviour): void {
    this.note({ type: 'behaviour', account, behaviour });
  }

  /** Takes a file once, and books its transfers; false: it refuses it. */
  take(messageId: string, content: string): boolean {
    const known = this.files.get(messageId);
    if (known !== undefined) return known;
    const file = readFile(content);
    this.note({ type: 'file', messageId, isTaken: file !== undefined });
    if (!file) return false;
    const behaviourOf = ({ account }: Transfer) => this.behaviours.get(account) ?? 'ok';
    const rejected = new Map(
      file.transfers
        .filter((transfer) => behaviourOf(transfer).startsWith('rejected'))
        .map(({ endToEndId }) => [endToEndId, 'AC04']),
    );
    const at = this.now();
    this.report('pain.002', (id) =>
      statusReport(id, messageId, { at, rejected, transfers: file.transfers }),
    );
    for (const transfer of file.transfers)
      this.carryOut(file.debtorAccount, transfer, behaviourOf(transfer));
    return true;
  }

  has(messageId: string): boolean {
    return this.files.get(messageId) === true;
  }

  /** Money that someone pays in to an account. */
  remit(account: string, amountFen: number, remittance: string): void {
    this.move({ account, amountFen, remittance });
  }

  /** The statement of what is not stated yet; what was late is booked first. */
  endDay(): void {
    for (const booked of this.late.splice(0)) this.note({ type: 'booked', booked });
    const open = this.moved.filter(({ reference }) => !this.stated.has(reference));
    if (open.length === 0) return;
    const accounts = [...new Set(open.map(({ account }) => account))].map((account) => ({
      account,
      openingFen: this.moved
        .filter((one) => one.account === account && this.stated.has(one.reference))
        .reduce((sum, { amountFen }) => sum + amountFen, 0),
      booked: open.filter((one) => one.account === account),
    }));
    this.note({ type: 'stated', references: open.map(({ reference }) => reference) });
    const at = this.now();
    this.report('camt.053', (id) => statement(id, { at, date: dayOf(at), accounts }));
  }

  reports(after?: string): readonly SettlementReport[] {
    const from = this.all.findIndex(({ reportId }) => reportId === after) + 1;
    return this.all.slice(from, from + REPORTS_MAX);
  }

  content(reportId: string): string | undefined {
    return this.all.find((report) => report.reportId === reportId)?.content;
  }

  /** What the account has by everything that was booked. */
  balanceOf(account: string): number {
    return this.moved
      .filter((one) => one.account === account)
      .reduce((sum, { amountFen }) => sum + amountFen, 0);
  }

  private carryOut(debtor: string, transfer: Transfer, behaviour: AccountBehaviour): void {
    if (behaviour === 'rejected') return;
    const { endToEndId, amountFen, account } = transfer;
    const paidFen = behaviour === 'wrong-amount' ? amountFen - 1 : amountFen;
    const out = { account: debtor, amountFen: -paidFen, endToEndId };
    if (behaviour === 'late') {
      const reference = this.nextReference();
      this.note({ type: 'late', booked: { ...out, reference, date: dayOf(this.now()) } });
      return;
    }
    for (let times = behaviour === 'doubled' ? 2 : 1; times > 0; times--) this.move(out);
    if (behaviour === 'returned')
      this.move({ account: debtor, amountFen, endToEndId, returnReason: 'AC04' });
    else this.move({ account, amountFen: paidFen, remittance: endToEndId });
  }

  private move(moved: Omit<Booked, 'reference' | 'date'>): void {
    const at = this.now();
    const booked = { ...moved, reference: this.nextReference(), date: dayOf(at) };
    this.note({ type: 'booked', booked });
    this.report('camt.054', (id) => notice(id, at, booked));
  }

  private nextReference(): string {
    return `B${String(this.moved.length + this.late.length + 1).padStart(10, '0')}`;
  }

  private report(kind: SettlementReport['kind'], make: (id: string) => string): void {
    const reportId = `R${String(this.all.length + 1).padStart(8, '0')}`;
    const content = make(reportId);
    const sha256 = createHash('sha256').update(content).digest('hex');
    this.note({ type: 'report', report: { reportId, kind, sha256, content } });
  }

  private note(entry: BookEntry): void {
    this.apply(entry);
    this.keep(entry);
  }

  private apply(entry: BookEntry): void {
    if (entry.type === 'file') this.files.set(entry.messageId, entry.isTaken);
    else if (entry.type === 'late') this.late.push(entry.booked);
    else if (entry.type === 'booked') {
      this.late = this.late.filter(({ reference }) => reference !== entry.booked.reference);
      this.moved.push(entry.booked);
    } else if (entry.type === 'stated')
      for (const reference of entry.references) this.stated.add(reference);
    else if (entry.type === 'behaviour') this.behaviours.set(entry.account, entry.behaviour);
    else this.all.push(entry.report);
  }
}

const SHANGHAI_MS = 8 * 3_600_000;
const dayOf = (at: Date): string => new Date(at.getTime() + SHANGHAI_MS).toISOString().slice(0, 10);
