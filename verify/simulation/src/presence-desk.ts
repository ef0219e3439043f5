import { paymentPayments } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { Actors } from './actors';
import type { Plan } from './plan';
import { deniesFirst } from './presence-plan';
import { rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';
import { must } from './violation';

interface Collection {
  readonly visitId: string;
  readonly accountPersonId: string;
  readonly status: string;
}
interface Order {
  readonly orderId: string;
  readonly visitId: string;
}

/**
 * Who pays for visits that were opened by a typed number, once the platform is at rest: each is asked
 * before anything is debited, and answers by the code of the notice. Who got none goes to the desk.
 * Some say no at first, and are left alone until they say yes.
 */
export class PresenceDesk {
  private readonly said = new Map<string, 'no' | 'yes'>();

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly plan: Plan,
    private readonly people: Actors,
  ) {}

  /** Says what is to be said now; false: nothing is. Throws Violation. */
  async answers(): Promise<boolean> {
    const { presence } = this.plan;
    if (!presence) return false;
    this.nothingIsDebitedUnconfirmed();
    const waiting = rows<Collection>(this.world, 'payment', 'collection').filter(
      ({ status }) => status === 'awaiting-confirmation' || status === 'disputed',
    );
    for (const { visitId, accountPersonId, status } of waiting) {
      const before = this.said.get(visitId);
      // A database that was put back has forgotten it.
      must(before !== 'yes' || this.plan.restores === 'payment', 'confirmed', () => ({
        ...{ visitId, status, said: 'yes' },
      }));
      must(before !== 'no' || status === 'disputed', 'confirmed', () => ({ visitId, status }));
      const index = this.plan.visits.findIndex((one) => this.people.visitIdOf(one) === visitId);
      const isTheirs = before !== undefined || !deniesFirst(presence, index);
      await this.say(visitId, accountPersonId, isTheirs);
      this.said.set(visitId, isTheirs ? 'yes' : 'no');
    }
    return waiting.length > 0;
  }

  /**
   * At the bank there is no order of such a visit before they said yes; but of who pays by another
   * account, which needs no word.
   */
  private nothingIsDebitedUnconfirmed(): void {
    const { world, plan, people, said } = this;
    const ordered = new Set(
      rows<Order>(world, 'payment', 'payment_order')
        .filter(({ orderId }) => world.acquirer.ordered.has(orderId))
        .map(({ visitId }) => visitId),
    );
    for (const visit of plan.visits) {
      const isTyped = plan.institutions[visit.institution]!.door === 'http';
      const paysAlone = visit.actions.some(({ kind }) => kind === 'pay');
      const visitId = people.visitIdOf(visit);
      if (isTyped && !paysAlone && said.get(visitId) !== 'yes')
        must(!ordered.has(visitId), 'confirmed', () => ({ visitId, debited: 'unconfirmed' }));
    }
  }

  private async say(visitId: string, accountPersonId: string, isTheirs: boolean): Promise<void> {
    const { people, world } = this;
    const client = world.client(`payer/${visitId}`);
    const code = this.codeOf(visitId, accountPersonId);
    const { status } =
      code === undefined
        ? await people.ask(
            'payment',
            'POST',
            `/payment/visits/${encodeURIComponent(visitId)}/confirmation`,
            { confirmed: isTheirs },
            { client },
          )
        : await people.ask(
            'gateway',
            'POST',
            '/v1/agreements',
            { code, agree: isTheirs },
            { client },
          );
    must(status === 200, 'confirmed', () => ({ visitId, isTheirs, status, hasCode: !!code }));
  }

  /** The code in the notice that they got last. */
  private codeOf(visitId: string, accountPersonId: string): string | undefined {
    const asked = this.world.sent.flatMap(({ topic, message: { headers, value } }) =>
      topic === paymentPayments.name &&
      headers['ce_type'] === 'PaymentAwaitsConfirmation' &&
      (JSON.parse(value) as Collection).visitId === visitId
        ? [derivedId('notice', headers['ce_id']!, accountPersonId, 'presence-check')]
        : [],
    );
    const notice = this.world.delivered.findLast(
      ({ to, noticeId }) => (to === 'mail' || to === 'sms') && asked.includes(noticeId),
    );
    return /答复码：?([\w-]{22})/.exec(String(notice?.body))?.[1];
  }
}
