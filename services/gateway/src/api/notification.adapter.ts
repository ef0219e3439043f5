import type { Subject } from '@caretab/access';
import { notificationRoutes as routes, type Route, type RouteAnswer } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { ask, type AskOptions, type Question } from '@caretab/host';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('NOTIFICATION_UNAVAILABLE', 'unavailable', details);

type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;
/** Which of its webhooks, as the hospital's query or body says. */
type Range = Readonly<Record<string, string | undefined>>;

/** So long an SMS provider, and who knows the number, may take beside. */
const SMS_MS = 5_000;

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

  /**
   * Sends who pays a code for the desk; until when it is good. Throws as `webhooks`, CODES_TOO_MANY
   * (overloaded), CODE_NOT_SENT (unprocessable).
   */
  async sendVisitCode(visitId: string, personId: string): Promise<Date | string> {
    const { path } = routes.sendVisitCode;
    const question = {
      method: 'POST',
      path,
      body: { visitId, personId },
      outsideMs: SMS_MS,
    } as const;
    const { outcome, expiresAt } = await this.done(routes.sendVisitCode, question);
    if (outcome === 'sent' && expiresAt !== undefined) return expiresAt;
    if (outcome === 'none')
      throw new DomainError('CODE_NOT_SENT', 'unprocessable', {
        why: 'who pays cannot be reached by SMS',
        remedy: 'let them answer in the app or by the notice, or collect the old way',
      });
    const isSoon = outcome === 'too-soon';
    throw new DomainError('CODES_TOO_MANY', 'overloaded', {
      why: isSoon ? 'one code a minute is sent' : 'three codes of a visit are sent at most',
      remedy: isSoon ? 'wait a minute' : 'let them answer in the app or by the notice',
      ...(isSoon && { retryAfterSeconds: 60 }),
    });
  }

  /** Throws as `webhooks`, CODE_WRONG, CODE_NOT_AWAITED (conflict). */
  async checkVisitCode(visitId: string, personId: string, code: string): Promise<void> {
    const { path } = routes.checkVisitCode;
    const question = { method: 'POST', path, body: { visitId, personId, code } } as const;
    const { outcome, triesLeft } = await this.done(routes.checkVisitCode, question);
    if (outcome === 'right') return;
    if (outcome === 'wrong')
      throw new DomainError('CODE_WRONG', 'conflict', { field: '/code', triesLeft });
    throw new DomainError('CODE_NOT_AWAITED', 'conflict', {
      field: '/code',
      why: 'none was sent, it has ended, or five were wrong',
      remedy: 'send a further code',
    });
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
