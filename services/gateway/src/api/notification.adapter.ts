import type { Subject } from '@caretab/access';
import { notificationRoutes as routes, type Route, type RouteAnswer } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { ask, type AskOptions, type Question } from '@caretab/host';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('NOTIFICATION_UNAVAILABLE', 'unavailable', details);

type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;
/** Which of its webhooks, as the hospital's query or body says. */
type Range = Readonly<Record<string, string | undefined>>;

/** Notification over HTTP, for hospitals' webhooks and citizens' codes at the edge. Timeout 2 s. */
export class NotificationClient {
  constructor(private readonly options: AskOptions) {}

  /** Throws NOTIFICATION_UNAVAILABLE (unavailable). */
  webhooks(institutionId: string, range: Range, carried: Subject): Answer<'listWebhooks'> {
    const given = Object.entries({ ...range, institutionId }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const path = `${routes.listWebhooks.path}?${new URLSearchParams(given)}`;
    return this.done(routes.listWebhooks, { method: 'GET', path, carried });
  }

  /** Throws as `webhooks`. */
  resend(institutionId: string, range: Range, carried: Subject): Answer<'resendWebhooks'> {
    const { path } = routes.resendWebhooks;
    const body = { ...range, institutionId };
    return this.done(routes.resendWebhooks, { method: 'POST', path, body, carried });
  }

  /** Throws as `webhooks`, WEBHOOK_SECRETS_TOO_MANY (conflict). */
  renewSecret(institutionId: string, carried: Subject): Answer<'renewWebhookSecret'> {
    const path = routes.renewWebhookSecret.path.replace('{institutionId}', institutionId);
    return this.done(routes.renewWebhookSecret, { method: 'POST', path, body: {}, carried });
  }

  /** What a code is for: a late charge, or a visit. Throws as `webhooks`, AGREEMENT_UNKNOWN (not-found). */
  askedBy(code: string): Answer<'resolveAgreementCode'> {
    const { path } = routes.resolveAgreementCode;
    return this.done(routes.resolveAgreementCode, { method: 'POST', path, body: { code } });
  }

  private async done<R extends Route>(_route: R, question: Question): Promise<RouteAnswer<R>> {
    const { status, body } = await ask(this.options, question, away);
    // Our own notification answers by the same declaration; its answer is passed on as it is.
    if (status === 200 || status === 201) return body as RouteAnswer<R>;
    const { code, details } = (body ?? {}) as { readonly code?: unknown; details?: unknown };
    const [detail] = Array.isArray(details) ? (details as object[]) : [];
    if (status === 400 && code === 'REQUEST_INVALID')
      throw new DomainError('REQUEST_INVALID', 'invalid', { ...detail });
    if (status === 404 && code === 'AGREEMENT_UNKNOWN')
      throw new DomainError('AGREEMENT_UNKNOWN', 'not-found');
    if (status === 409 && code === 'WEBHOOK_SECRETS_TOO_MANY')
      throw new DomainError('WEBHOOK_SECRETS_TOO_MANY', 'conflict', { ...detail });
    throw away({ answered: status });
  }
}
