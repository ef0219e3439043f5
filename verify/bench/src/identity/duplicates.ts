import { blockingKeys, type Compared, comparedOf, Matching, matchWeights } from '@caretab/identity';
import type { LabelledSet } from './labelled';

const TODAY = '2026-03-02';
/** As the index bounds them. */
const [KEY_HOLDERS_MAX, CANDIDATES_MAX] = [20, 20];

/** How well a search finds who is the same. */
export interface Duplicates {
  readonly records: number;
  /** Of records of a person: how many were linked to, or proposed for, the person. */
  readonly recall: number;
  /** Of persons that were linked or proposed: how many were the same. */
  readonly precision: number;
  /** Records that a rule linked to another person. */
  readonly wrongLinks: number;
  readonly perSecond: number;
}

/** Searches for each record among the persons, by keys and weights as identity does. */
export const searchDuplicates = (
  { persons, records }: LabelledSet,
  nowMs: () => number,
): Duplicates => {
  const compared = persons.map((person) => comparedOf(person, TODAY));
  const holders = new Map<string, number[]>();
  for (const [index, person] of compared.entries())
    for (const { kind, text } of blockingKeys(person)) {
      const known = holders.get(`${kind} ${text}`);
      if (!known) holders.set(`${kind} ${text}`, [index]);
      else if (known.length < KEY_HOLDERS_MAX) known.push(index);
    }
  const matching = new Matching(matchWeights);
  const candidatesOf = (of: Compared): readonly number[] => {
    const shared = new Map<number, number>();
    for (const { kind, text } of blockingKeys(of))
      for (const index of holders.get(`${kind} ${text}`) ?? [])
        shared.set(index, (shared.get(index) ?? 0) + 1);
    const most = [...shared].sort(([, a], [, b]) => b - a).slice(0, CANDIDATES_MAX);
    return most.map(([index]) => index);
  };
  let [found, right, proposed, wrongLinks] = [0, 0, 0, 0];
  const startedAtMs = nowMs();
  for (const { of, said } of records) {
    const record = comparedOf(said, TODAY);
    const all = candidatesOf(record).map((index) => ({
      index,
      ...matching.compare(record, compared[index]!),
    }));
    const links = all.filter(({ outcome }) => outcome === 'match');
    const named = links.length > 0 ? links : all.filter(({ outcome }) => outcome === 'similar');
    proposed += named.length;
    const isFound = named.some(({ index }) => index === of);
    if (isFound) [found, right] = [found + 1, right + 1];
    wrongLinks += links.filter(({ index }) => index !== of).length;
  }
  const seconds = (nowMs() - startedAtMs) / 1000;
  const known = records.filter(({ of }) => of !== undefined).length;
  return {
    ...{ records: records.length, wrongLinks, recall: found / known, precision: right / proposed },
    perSecond: Math.round(records.length / seconds),
  };
};

const [PRECISION_MIN, RECALL_MIN] = [0.99, 0.95];

/** What makes a run void: too much proposed wrongly, too little found, or one wrong link. */
export const faultsOf = ({ precision, recall, wrongLinks }: Duplicates): readonly string[] => [
  ...(precision < PRECISION_MIN ? [`precision ${precision} is below ${PRECISION_MIN}`] : []),
  ...(recall < RECALL_MIN ? [`recall ${recall} is below ${RECALL_MIN}`] : []),
  ...(wrongLinks > 0 ? [`${wrongLinks} records were linked to another person`] : []),
];
