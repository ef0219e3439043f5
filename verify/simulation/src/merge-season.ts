import type { Actors } from './actors';
import type { Ending } from './ending';
import type { JudgedRun } from './judged-run';
import type { MergeBook } from './merge-book';
import { linesAreWhose } from './merge-judgement';
import type { SimulatedPlatform } from './simulated-platform';
import type { VisitPlan } from './visit-plan';

const EVIDENCE = { kind: 'two-documents', reference: 'M-1' } as const;
const WHY = 'both papers were shown by one person';
/** The gateway remembers so long whose a number is. */
const REMEMBERED_MS = 61_000;

/** Staff who say that two are one, and that they are not. */
export class MergeDesk {
  constructor(
    private readonly world: SimulatedPlatform,
    private readonly people: Actors,
    private readonly book: MergeBook,
  ) {}

  /** In the storm. */
  begin(): void {
    const { people, book } = this;
    if (book.plan) people.start(book.plan.atMs, 'two persons are merged', () => this.merges());
  }

  /** They are two again. */
  async takesBack(): Promise<void> {
    const { people, book } = this;
    const { mergeId, survivorId } = book;
    if (mergeId === undefined) return;
    const turn = book.takesBack();
    const path = `/identity/persons/${survivorId}/merges/${mergeId}/undo`;
    const { status } = await people.ask('identity', 'POST', path, { why: WHY });
    // It was done, and the answer was lost.
    turn.isDone = status < 300 || status === 404;
  }

  private async merges(): Promise<void> {
    const { people, book, world } = this;
    const answered = book.asked();
    const path = `/identity/persons/${book.survivorId}/merges`;
    const asked = { mergedId: book.mergedId, evidence: EVIDENCE, why: WHY };
    const { status, body } = await people.ask('identity', 'POST', path, asked);
    if (status >= 300) throw new Error(`not merged: ${status} ${JSON.stringify(body)}`);
    answered((body as { readonly mergeId: string }).mergeId);
    const back = book.plan!.back;
    if (typeof back !== 'number') return;
    await world.scheduler.sleep(back);
    await this.takesBack();
  }
}

/** What the end of a run lends to those who watch a merge. */
export interface MergeEnding extends Ending, JudgedRun {
  readonly mergeDesk: MergeDesk;
  readonly laterVisits: (when?: VisitPlan['isLater']) => Promise<void>;
}

/**
 * The storm is over: both have a visit as they stand then; where the merge is taken back, each has one
 * more. After each of these every line is looked at. Throws Violation.
 */
export const onesAndTwos = async (ending: MergeEnding): Promise<void> => {
  const { plan, standing, mergeDesk, during, rest, pass, laterVisits } = ending;
  if (!plan.merge) return;
  const look = async (): Promise<void> => {
    await rest();
    standing.atRest();
    await during(linesAreWhose(ending));
  };
  await look();
  // After an unmerge of the storm as well.
  await pass(REMEMBERED_MS);
  await laterVisits();
  await look();
  if (plan.merge.back === 'later') {
    await during(mergeDesk.takesBack());
    await look();
    await pass(REMEMBERED_MS);
  }
  await laterVisits('last');
  await look();
};
