import type {
  ConsentsOrder,
  GrantAnswer,
  GrantOrder,
  Lender,
  LenderAnswer,
  LenderOrder,
} from '../src/lender/lender';

/** The twin: banks that do each order once, and answer what they were given. */
export class MemoryLender implements Lender {
  readonly asked: LenderOrder[] = [];
  readonly grants: GrantOrder[] = [];
  readonly informed: ConsentsOrder[] = [];
  /** Its answers to what it is informed of; then it confirms. */
  readonly confirms: LenderAnswer[] = [];
  /** What stands with the bank, by visit. */
  readonly stands = new Map<string, Pick<LenderOrder, 'kind' | 'amountFen'>>();
  /** Its next answers; then it does what it is asked. */
  readonly answers: LenderAnswer[] = [];
  /** How it answers for lines, by bank; it grants what it is asked for where nothing is said. */
  readonly lines = new Map<string, GrantAnswer>();
  /** Runs while a question is out. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  private readonly done = new Set<string>();

  async ask(order: LenderOrder): Promise<LenderAnswer> {
    this.asked.push(order);
    await this.meanwhile();
    const isDone = this.done.has(order.orderId);
    const next = this.answers.shift() ?? { status: 'done' };
    // What it did once it does not refuse later.
    const answer: LenderAnswer = isDone && next.status === 'refused' ? { status: 'done' } : next;
    // A bank that does not answer may have done it.
    if ((answer.status === 'done' || answer.status === 'no-answer') && !isDone) {
      this.done.add(order.orderId);
      this.stands.set(order.visitId, { kind: order.kind, amountFen: order.amountFen });
    }
    return answer;
  }

  async inform(order: ConsentsOrder): Promise<LenderAnswer> {
    this.informed.push(order);
    await this.meanwhile();
    return this.confirms.shift() ?? { status: 'done' };
  }

  async grant(order: GrantOrder): Promise<GrantAnswer> {
    this.grants.push(order);
    await this.meanwhile();
    return this.lines.get(order.lenderId) ?? { status: 'granted', lineFen: order.amountFen };
  }
}
