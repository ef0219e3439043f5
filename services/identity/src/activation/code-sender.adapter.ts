import { notificationRoutes as routes } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { CodeOutcome } from './activation-state';
import type { CodeSender } from './registries';

const OUTCOMES: readonly CodeOutcome[] = ['sent', 'not-sent', 'refused', 'none'];

/** Notification over HTTP: it has the SMS provider. What it may have sent counts as sent. */
export class CodeClient implements CodeSender {
  constructor(private readonly options: AskOptions) {}

  async send(message: Parameters<CodeSender['send']>[0]): Promise<CodeOutcome> {
    const question = { method: 'POST', path: routes.sendCode.path, body: message } as const;
    try {
      const { status, body } = await ask(this.options, question, away);
      const { outcome } = (body ?? {}) as { readonly outcome?: CodeOutcome };
      return status === 200 && outcome && OUTCOMES.includes(outcome) ? outcome : 'not-sent';
    } catch {
      return 'not-sent';
    }
  }
}

const away = (details: DomainError['details']): DomainError =>
  new DomainError('NOTIFICATION_UNAVAILABLE', 'unavailable', details);
