import type { Subject } from '@caretab/access';
import { accessRecordRoutes, type RouteAnswer } from '@caretab/contracts';
import { type AccessRecordsByService, ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { type Asked, cursorsOf, hasEnded, merged } from './looks';

const OWN = 'gateway';
const { personAccessRecords: asking } = accessRecordRoutes;
type Page = RouteAnswer<typeof asking>;

/** Who looked at a person, as each service has it. One that is away is missing, and no more. */
export class LooksClient {
  constructor(
    /** Those whose address is known. */
    private readonly neighbours: readonly AskOptions[],
    /** Those whose address is not set. */
    private readonly unknown: readonly string[],
  ) {}

  async at(
    personId: string,
    after: string | undefined,
    { own, carried }: { readonly own: AccessRecordsByService; readonly carried: Subject },
  ): Promise<ReturnType<typeof merged>> {
    const cursors = cursorsOf(after);
    const asked = await Promise.all([
      this.asked(OWN, cursors, (from) => own.of(OWN).looksAt(OWN, personId, from)),
      ...this.neighbours.map((neighbour) =>
        this.asked(neighbour.asked, cursors, (from) => pageOf(neighbour, personId, from, carried)),
      ),
    ]);
    const { missing, ...page } = merged(asked);
    return { ...page, missing: [...missing, ...this.unknown] };
  }

  private async asked(
    service: string,
    cursors: ReadonlyMap<string, string>,
    page: (after: string | undefined) => Promise<Page | undefined>,
  ): Promise<Asked> {
    const after = cursors.get(service);
    return { service, after, page: hasEnded(after) ? { records: [] } : await page(after) };
  }
}

const away = (details: DomainError['details']): DomainError =>
  new DomainError('OVERLOADED', 'overloaded', details);

const pageOf = async (
  neighbour: AskOptions,
  personId: string,
  after: string | undefined,
  carried: Subject,
): Promise<Page | undefined> => {
  const path = asking.path
    .replace('{service}', neighbour.asked)
    .replace('{personId}', encodeURIComponent(personId));
  const query = after === undefined ? '' : `?after=${after}`;
  try {
    const question = { method: 'GET', path: path + query, carried } as const;
    const { status, body } = await ask(neighbour, question, away);
    return status === 200 ? (body as Page) : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};
