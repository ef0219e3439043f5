import type { AgreementDay, VisitStanding } from '@caretab/contracts';
import { type Aspect, textOf } from './digests';

/** A visit of which two services know different things; null where one does not know it. */
export interface Disagreement {
  readonly visitId: string;
  readonly ours: VisitStanding | null;
  readonly theirs: VisitStanding | null;
}

/** Numbers of the buckets in which two services differ. */
export const differingBuckets = (
  ours: AgreementDay['buckets'],
  theirs: AgreementDay['buckets'],
  aspects: readonly Aspect[],
): number[] =>
  theirs.flatMap((bucket, number) => {
    const own = ours[number];
    const isSame =
      own?.visits === bucket.visits && aspects.every((aspect) => own[aspect] === bucket[aspect]);
    return isSame ? [] : [number];
  });

/** The visits of which the two differ in one of the aspects, or that one of them does not know. */
export const disagreements = (
  ours: readonly VisitStanding[],
  theirs: readonly VisitStanding[],
  aspects: readonly Aspect[],
): Disagreement[] => {
  const own = new Map(ours.map((line) => [line.visitId, line]));
  const other = new Map(theirs.map((line) => [line.visitId, line]));
  return [...new Set([...own.keys(), ...other.keys()])].flatMap((visitId) => {
    const [mine, their] = [own.get(visitId) ?? null, other.get(visitId) ?? null];
    const isSame =
      mine !== null &&
      their !== null &&
      aspects.every((aspect) => textOf(mine, aspect) === textOf(their, aspect));
    return isSame ? [] : [{ visitId, ours: mine, theirs: their }];
  });
};

/**
 * Buckets in groups that are read together: of at most so many visits each, unless one bucket alone
 * has more.
 */
export const groupsOf = (
  buckets: readonly number[],
  visitsIn: (bucket: number) => number,
  visitsMax: number,
): number[][] => {
  const groups: number[][] = [];
  let visits = Number.POSITIVE_INFINITY;
  for (const bucket of buckets) {
    visits += visitsIn(bucket);
    if (visits > visitsMax) {
      groups.push([]);
      visits = visitsIn(bucket);
    }
    groups.at(-1)!.push(bucket);
  }
  return groups;
};
