import { creditRoutes as routes } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Opening } from './activation-state';
import type { Closer } from '../consent/consent-desk';
import type { Lines } from './registries';

/** Amounts that stand in the way, by name. */
const factsOf = (details: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    (Array.isArray(details) ? (details as Readonly<Record<string, unknown>>[]) : []).map(
      ({ field, value }) => [String(field), value],
    ),
  );

const away = (details: DomainError['details']): DomainError =>
  new DomainError('CREDIT_UNAVAILABLE', 'unavailable', details);

/** Credit over HTTP. */
export class LineClient implements Lines, Closer {
  constructor(private readonly options: AskOptions) {}

  async open(body: Parameters<Lines['open']>[0]): Promise<Opening> {
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

  async close(personId: string): Promise<void> {
    const path = routes.endEnrolment.path.replace('{personId}', personId);
    const { status, body } = await ask(this.options, { method: 'DELETE', path }, away);
    const said = (body ?? {}) as { readonly code?: unknown; readonly details?: unknown };
    // Who is not enrolled has nothing that could be owed.
    if (status < 300 || said.code === 'NOT_ENROLLED') return;
    if (said.code === 'SERVICE_IN_USE')
      throw new DomainError('SERVICE_IN_USE', 'conflict', factsOf(said.details));
    throw away({ answered: status });
  }
}
