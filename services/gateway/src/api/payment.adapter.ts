import { paymentRoutes as routes } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { ask, type AskOptions } from '@caretab/host';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('PAYMENT_UNAVAILABLE', 'unavailable', details);

/** Payment over HTTP, for what citizens confirm at the edge. Timeout 2 s. */
export class PaymentClient {
  constructor(private readonly options: AskOptions) {}

  /**
   * Whether a visit is theirs who is to pay. Throws AGREEMENT_UNKNOWN (not-found) where no answer is
   * awaited, PAYMENT_UNAVAILABLE (unavailable).
   */
  async confirm(visitId: string, confirmed: boolean): Promise<void> {
    const path = routes.confirm.path.replace('{visitId}', encodeURIComponent(visitId));
    const { status } = await ask(this.options, { method: 'POST', path, body: { confirmed } }, away);
    if (status === 404 || status === 409) throw new DomainError('AGREEMENT_UNKNOWN', 'not-found');
    if (status !== 200) throw away({ answered: status });
  }
}
