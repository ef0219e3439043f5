import { creditRoutes as routes } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Opening } from './activation-state';
import type { Lines } from './registries';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('CREDIT_UNAVAILABLE', 'unavailable', details);

/** Credit over HTTP. */
export class LineClient implements Lines {
  constructor(private readonly options: AskOptions) {}

  async open({ personId, activationId }: Parameters<Lines['open']>[0]): Promise<Opening> {
    const body = { personId, activationId };
    const question = { method: 'POST', path: routes.enrol.path, body } as const;
    try {
      const answer = await ask(this.options, question, away);
      const said = (answer.body ?? {}) as { readonly lineFen?: unknown; readonly code?: unknown };
      if (answer.status < 300 && typeof said.lineFen === 'number') return { lineFen: said.lineFen };
      const isRefused = answer.status < 500 && typeof said.code === 'string';
      return { refused: isRefused ? String(said.code) : 'CREDIT_UNAVAILABLE' };
    } catch (error) {
      if (error instanceof DomainError) return { refused: error.code };
      throw error;
    }
  }
}
