import { createHmac } from 'node:crypto';
import type { Random } from '@caretab/doubles';
import type { Reply, Request } from './controller-door';
import { Violation } from './violation';

export const LENDER_SECRET = 'simulated-lender-secret';

type Kind = 'reserve' | 'draw' | 'reduce' | 'release' | 'grant';

interface Order {
  readonly orderId: string;
  readonly kind: Kind;
  readonly lenderId: string;
  readonly visitId: string;
  readonly accountPersonId: string;
  readonly amountFen: number;
}

/** What the bank has lent for a visit. */
export interface Lent {
  readonly accountPersonId: string;
  readonly state: 'reserved' | 'drawn' | 'released';
  readonly amountFen: number;
  repaidFen: number;
}

const STATE_AFTER = {
  reserve: 'reserved',
  draw: 'drawn',
  reduce: 'drawn',
  release: 'released',
} as const;

/**
 * `silent`: nothing is done · `mute`: it is done and not said · `late`: it is done when no one waits
 * any more · the others are said.
 */
const MOODS = [
  'silent',
  'silent',
  'mute',
  'mute',
  'late',
  'late',
  'refuses',
  'refuses',
  'error',
  'other-amount',
  'other-order',
  'forged',
] as const;
/** Longer than a bank is waited for. */
const SILENT_MS = 45_000;

export type Mood = (typeof MOODS)[number] | 'ok';

/** By the bank's own key. */
export const lenderSigns = (lenderId: string, ...parts: readonly string[]): string => {
  const key = createHmac('sha256', LENDER_SECRET).update(lenderId).digest('hex');
  return createHmac('sha256', key).update(parts.join('.')).digest('hex');
};

/** A bank that lends: its own book, which does each order once and answers it the same again. */
export class LenderTwin {
  /** By visit. */
  readonly loans = new Map<string, Lent>();
  /** By person: what it granted. */
  readonly linesFen = new Map<string, number>();
  /** How often it was in each mood. */
  readonly moods = new Map<Mood, number>();
  /** How often a draw was reduced, to something or nothing. */
  reduced = 0;
  private readonly kept = new Map<
    string | undefined,
    { readonly mood: Mood; readonly untilMs: number }
  >();
  private readonly answered = new Map<
    string,
    { readonly order: Order; readonly isDone: boolean }
  >();

  constructor(
    private readonly random: Random,
    private readonly terms: { readonly mood: number; readonly lineShare: number },
    private readonly later: (run: () => void) => void,
    private readonly nowMs: () => number,
  ) {}

  /** Draws the bank's mood; a calm one does what it is asked. Of some visits it is silent for long. */
  moodOf({ body }: Request, isStorming: boolean): Mood {
    const { visitId } = body as Partial<Order>;
    const { mood: kept, untilMs } = this.kept.get(visitId) ?? { mood: 'ok', untilMs: 0 };
    if (this.nowMs() < untilMs) return kept;
    const isOdd = this.random.next() < this.terms.mood && isStorming;
    const mood = isOdd ? this.random.pick(MOODS) : 'ok';
    const isKept = (mood === 'silent' || mood === 'mute') && this.random.next() < 0.5;
    if (isKept) this.kept.set(visitId, { mood, untilMs: this.nowMs() + SILENT_MS });
    this.moods.set(mood, (this.moods.get(mood) ?? 0) + 1);
    return mood;
  }

  answer({ path, body }: Request, mood: Mood): Reply | 'silence' {
    const asked = body as Order & { readonly at: string; readonly signature: string };
    const kind = path.endsWith('/grants') ? 'grant' : asked.kind;
    const { orderId, lenderId, visitId = '', accountPersonId, amountFen, at, signature } = asked;
    const order = { orderId, kind, lenderId, visitId, accountPersonId, amountFen };
    const whose = kind === 'grant' ? [] : [visitId];
    const said = [at, orderId, kind, lenderId, ...whose, accountPersonId, String(amountFen)];
    if (lenderSigns(lenderId, ...said) !== signature) return { status: 401, body: null };
    if (mood === 'error') return { status: 500, body: null };
    if (mood === 'silent') return 'silence';
    if (mood === 'late') {
      this.later(() => this.take(order, 'ok'));
      return 'silence';
    }
    const isDone = this.take(order, mood);
    if (mood === 'mute') return 'silence';
    return this.reply(order, isDone, mood);
  }

  /** A notice of a loan, as the bank signs it: the whole that was repaid so far. */
  repaid(lenderId: string, visitId: string, amountFen: number, at: string): object {
    this.loans.get(visitId)!.repaidFen = amountFen;
    const kind = 'repaid';
    const signature = lenderSigns(lenderId, at, lenderId, visitId, kind, String(amountFen));
    return { lenderId, visitId, kind, amountFen, at, signature };
  }

  /** Does an order once; says whether it was done. Throws Violation for what no bank may be asked. */
  private take(order: Order, mood: Mood): boolean {
    const { orderId, kind, visitId, accountPersonId, amountFen } = order;
    const known = this.answered.get(orderId);
    if (known) {
      if (JSON.stringify(known.order) !== JSON.stringify(order))
        throw new Violation('lender', JSON.stringify({ order, known: known.order }));
      return known.isDone;
    }
    const isDone = mood !== 'refuses' && this.allows(order);
    this.answered.set(orderId, { order, isDone });
    if (!isDone) return false;
    this.reduced += Number(kind === 'reduce');
    if (kind === 'grant') this.linesFen.set(accountPersonId, this.offerOf(amountFen));
    else {
      const { repaidFen = 0 } = this.loans.get(visitId) ?? {};
      this.loans.set(visitId, { accountPersonId, state: STATE_AFTER[kind], amountFen, repaidFen });
    }
    return true;
  }

  /** A reservation has to fit the line; a draw follows one. */
  private allows({ kind, visitId, accountPersonId, amountFen }: Order): boolean {
    if (kind === 'draw' && this.loans.get(visitId)?.state !== 'reserved') {
      if (this.loans.get(visitId)?.state !== 'drawn')
        throw new Violation('lender', JSON.stringify({ visitId, drawn: 'unreserved' }));
    }
    if (kind !== 'reserve') return true;
    let takenFen = amountFen;
    for (const [other, loan] of this.loans)
      if (other !== visitId && loan.accountPersonId === accountPersonId) takenFen += leftOf(loan);
    return takenFen <= (this.linesFen.get(accountPersonId) ?? 0);
  }

  private offerOf(amountFen: number): number {
    return Math.max(1, Math.round(amountFen * this.terms.lineShare));
  }

  private reply(order: Order, isDone: boolean, mood: Mood): Reply {
    const { orderId, kind, lenderId, visitId, accountPersonId, amountFen } = order;
    const fen = kind === 'grant' ? (this.linesFen.get(accountPersonId) ?? 0) : amountFen;
    const body = {
      orderId: mood === 'other-order' ? 'another' : orderId,
      ...(kind === 'grant' ? { accountPersonId } : { kind, visitId }),
      amountFen: mood === 'other-amount' ? amountFen + 1 : fen,
      ...(isDone ? { outcome: 'done' } : { outcome: 'refused', reason: 'OVER_LIMIT' }),
    };
    const text = mood === 'forged' ? 'forged' : JSON.stringify(body);
    const headers = { 'caretab-signature': lenderSigns(lenderId, orderId, text) };
    return { status: 200, body, headers };
  }
}

/** What a loan takes of the bank's line. */
export const leftOf = ({ state, amountFen, repaidFen }: Lent): number =>
  state === 'released' ? 0 : Math.max(0, amountFen - repaidFen);
