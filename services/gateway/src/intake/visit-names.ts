import { type InterfaceProfile, visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Envelope } from './envelope';
import type { Partners } from './partners';

const PSEUDONYM = /^vn\.[A-Za-z0-9_-]{32}$/;

interface OwnNumber {
  readonly institutionId: string;
  readonly visitNumber: string;
}

/**
 * A visit number as it is kept: where a hospital's are ID numbers, a keyed pseudonym. One that comes
 * back, as it stands in lists and webhooks, is itself.
 */
export const keptNumber = (
  envelope: Pick<Envelope, 'pseudonymOf'>,
  own: OwnNumber,
  { visitNumbersPersonal = false }: InterfaceProfile,
): string => {
  const { institutionId, visitNumber } = own;
  return visitNumbersPersonal && !PSEUDONYM.test(visitNumber)
    ? `vn.${envelope.pseudonymOf(institutionId, visitNumber)}`
    : visitNumber;
};

const renamed = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, renamed(one, names)]),
  );
};

/** The ids of visits as hospitals name them, and as they are kept. */
export class VisitNames {
  constructor(
    private readonly parts: { readonly partners: Partners; readonly envelope: Envelope },
  ) {}

  /** `visitId`: complete. Where identity cannot be asked, as it is. */
  async kept(visitId: string): Promise<string> {
    const { partners, envelope } = this.parts;
    const at = visitId.indexOf('-');
    const [institutionId, visitNumber] = [visitId.slice(0, at), visitId.slice(at + 1)];
    const profile = await partners.profileOf(institutionId).catch((error: unknown) => {
      if (error instanceof DomainError) return {};
      throw error;
    });
    return visitIdOf(institutionId, keptNumber(envelope, { institutionId, visitNumber }, profile));
  }

  /** What is read of a visit, under the name by which it was asked for. */
  async read<Answer>(visitId: string, ask: (kept: string) => Promise<Answer>): Promise<Answer> {
    const kept = await this.kept(visitId);
    const answer = await ask(kept);
    if (kept === visitId) return answer;
    const numberIn = (id: string): string => id.slice(id.indexOf('-') + 1);
    const names = new Map([
      [kept, visitId],
      [numberIn(kept), numberIn(visitId)],
    ]);
    return renamed(answer, names) as Answer;
  }
}
