import { identityRoutes as routes } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Value } from '@sinclair/typebox/value';
import type { Centre, CentreAnswer, CentreQuestion } from './centre';

const { path: PATH, responses } = routes.askEntitlement;

const away = (details: DomainError['details']): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', details);

/** Identity over HTTP, which knows by what the centre finds a person. */
export class CentreClient implements Centre {
  constructor(private readonly options: AskOptions) {}

  async ask({ personId, ...body }: CentreQuestion): Promise<CentreAnswer> {
    const path = PATH.replace('{personId}', personId);
    try {
      const { status, body: said } = await ask(this.options, { method: 'POST', path, body }, away);
      if (status === 200 && Value.Check(responses[200], said)) return said as CentreAnswer;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
    return { status: 'no-answer' };
  }
}
