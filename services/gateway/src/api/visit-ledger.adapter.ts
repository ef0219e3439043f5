import { DomainError } from '@caretab/kernel';
import { ask, type AskOptions } from '../ask.adapter';

/** The visit ledger over HTTP, for what hospitals ask at the edge. Deadline 2 s. */
export class VisitLedgerClient {
  constructor(private readonly options: AskOptions) {}

  /** Throws VISIT_UNKNOWN (not-found), LEDGER_UNAVAILABLE (unavailable). */
  visit(visitId: string): Promise<unknown> {
    return this.get(`/visit-ledger/visits/${encodeURIComponent(visitId)}`);
  }

  history(visitId: string): Promise<unknown> {
    return this.get(`/visit-ledger/visits/${encodeURIComponent(visitId)}/history`);
  }

  visitsOf(personId: string): Promise<unknown> {
    return this.get(`/visit-ledger/persons/${encodeURIComponent(personId)}/visits`);
  }

  private async get(path: string): Promise<unknown> {
    const { status, body } = await ask(this.options, { method: 'GET', path }, 'LEDGER_UNAVAILABLE');
    if (status === 200) return body;
    if (status === 404)
      throw new DomainError('VISIT_UNKNOWN', 'not-found', {
        why: 'the ledger has no such visit (yet)',
      });
    throw new DomainError('LEDGER_UNAVAILABLE', 'unavailable', { answered: status });
  }
}
