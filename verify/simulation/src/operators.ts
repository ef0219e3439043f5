import type { Reply } from './controller-door';
import type { Deed } from './circumstances';
import type { Actors } from './actors';
import { replayParked } from './quiescence';
import type { StandingBook } from './standing-book';
import { must, Violation } from './violation';
import type { SimulatedPlatform } from './simulated-platform';

const WAYS = ['cash', 'other-account', 'transfer'] as const;

interface OpenCase {
  readonly caseId: string;
  readonly kind: string;
  readonly visitId: string;
  readonly amountFen: number;
}

/**
 * Operators, authorities, and citizens in what is no part of a visit; they too ask until they are
 * answered.
 */
export class Operators {
  /** Rounds in which something parked went through. */
  replays = 0;
  rebuilds = 0;
  checks = 0;
  reconciliations = 0;
  guardianChanges = 0;
  /** What operators paid back in cash or by transfer, by visit. */
  readonly paidByHandFen = new Map<string, number>();

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly people: Actors,
    private readonly standing: StandingBook,
  ) {}

  get turnedAway(): number {
    return this.people.turnedAway.size;
  }

  get strangersRefused(): Actors['strangersRefused'] {
    return this.people.strangersRefused;
  }

  /** How often patient numbers were merged and refused, and named a patient alone. */
  get byNumber(): Actors['numbers']['counts'] {
    return this.people.numbers.counts;
  }

  begin(deeds: readonly Deed[]): void {
    for (const deed of deeds)
      this.people.start(deed.atMs, `deed: ${deed.kind}`, () => this.do(deed));
  }

  private async do(deed: Deed): Promise<void> {
    const { people } = this;
    switch (deed.kind) {
      case 'rebuild':
        return void (
          (await people.ask('visit-ledger', 'POST', '/visit-ledger/views/rebuild', {})).status ===
            200 && (this.rebuilds += 1)
        );
      case 'check':
        return this.check();
      case 'reconcile':
        return this.reconcile();
      case 'replay':
        return void (this.replays += (await replayParked(this.world)) > 0 ? 1 : 0);
      case 'freeze':
        return this.freeze(people.personIds[deed.citizen]!, deed.forMs);
      case 'score':
        return void (await people.ask(
          'credit',
          'PUT',
          `/credit/persons/${people.personIds[deed.citizen]!}/score`,
          { score: deed.score, scoredAt: '2026-03-02T00:00:00Z' },
        ));
      case 'leave':
        return void (await people.ask(
          'credit',
          'DELETE',
          `/credit/enrolments/${people.personIds[deed.citizen]!}`,
        ));
      case 'guardian':
        return this.appoint(
          people.personIds[deed.citizen]!,
          people.personIds[deed.guardian]!,
          people.personIds[deed.replaces]!,
        );
      case 'forget': {
        people.forgotten.add(deed.citizen);
        return void (await people.ask(
          'identity',
          'DELETE',
          `/identity/persons/${people.personIds[deed.citizen]!}/personal-data`,
        ));
      }
    }
  }

  /** Views equal their fold at every moment, not only at rest; of a whole log alone. */
  private async check(): Promise<void> {
    const { ledger } = this.world;
    const { isWhole: wasWhole, losses } = ledger;
    const { status, body } = await this.people.ask(
      'visit-ledger',
      'GET',
      '/visit-ledger/views/check',
    );
    // What was away may be back by the time of the answer.
    if (status !== 200 || !wasWhole || ledger.losses > losses) return;
    this.checks += 1;
    this.fail(() => must((body as { equal: boolean }).equal, 'view', () => body));
  }

  /**
   * In the middle of it all the books may lag behind the acquirer's; but nothing that the acquirer
   * has taken is neither matched nor listed.
   */
  private async reconcile(): Promise<void> {
    const { world, people } = this;
    const [date] = world.days();
    const taken = world.acquirer.moved([date!]).length;
    const { status, body }: Reply = await people.ask(
      'payment',
      'GET',
      `/payment/reconciliation/${date!}`,
    );
    if (status !== 200) return;
    this.reconciliations += 1;
    const { matched, onlyTheirs, amountsDiffer } = body as {
      matched: number;
      onlyTheirs: readonly unknown[];
      amountsDiffer: readonly unknown[];
    };
    this.fail(() =>
      must(matched + onlyTheirs.length >= taken && amountsDiffer.length === 0, 'captured', () => ({
        taken,
        body,
      })),
    );
  }

  /** Every refund that the bank refused is paid back in one of the other ways. */
  async workCases(): Promise<void> {
    const { body } = await this.people.ask('payment', 'GET', '/payment/cases');
    const { cases } = body as { cases: readonly OpenCase[] };
    for (const [index, { caseId, kind, visitId, amountFen }] of cases.entries()) {
      if (kind !== 'refund') continue;
      const resolution = WAYS[index % WAYS.length]!;
      const { status } = await this.people.ask(
        'payment',
        'POST',
        `/payment/cases/${caseId}/resolution`,
        {
          resolution,
          evidence: `receipt ${index}`,
          ...(resolution === 'other-account' && { channel: 'unionpay', token: 'other:ok' }),
        },
      );
      if (status === 200 && resolution !== 'other-account')
        this.paidByHandFen.set(visitId, (this.paidByHandFen.get(visitId) ?? 0) + amountFen);
    }
  }

  private async freeze(personId: string, forMs: number): Promise<void> {
    const path = `/credit/accounts/${personId}/freeze`;
    await this.people.ask('credit', 'PUT', path, { reason: 'OPERATOR_DECIDED' });
    await this.world.scheduler.sleep(forMs);
    await this.people.ask('credit', 'DELETE', path);
  }

  private async appoint(personId: string, guardianId: string, replaces: string): Promise<void> {
    const turn = this.standing.begin();
    const { status } = await this.people.ask(
      'identity',
      'PUT',
      `/identity/persons/${personId}/guardian`,
      { guardianId, relation: '5', replaces, evidence: { kind: 'agreement', reference: 'A-1' } },
    );
    if (status >= 300) return;
    this.guardianChanges += 1;
    turn.isDone = true;
    this.standing.changes(personId, guardianId, turn);
  }

  /** A violation found during a call is reported by the next check. */
  private fail(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.world.found ??= error;
    }
  }
}
