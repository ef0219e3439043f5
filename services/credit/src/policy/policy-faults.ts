import type { LinePolicyDocument } from '@caretab/contracts';

/** What is wrong with a policy as a whole: the row by its JSON pointer, and why. */
export interface PolicyFault {
  readonly field: string;
  readonly why: string;
}

type Faults = PolicyFault[];
type Bounded = {
  readonly visitCapFen: number | null;
  readonly dayCapFen: number | null;
  readonly fromScore: number;
};

const SCORE_MAX = 1000;

/** Scores that no band has, that two have, and bands that no score reaches. */
const ofBands = (
  { bands, eligibility: { scoreMin } }: LinePolicyDocument,
  faults: Faults,
): void => {
  let next = scoreMin;
  let lineFen = -1;
  for (const [index, band] of bands.entries()) {
    const field = `/bands/${index}`;
    const fault = (why: string): void => void faults.push({ field, why });
    const { fromScore, toScore } = band;
    if (fromScore > toScore) {
      fault(`unreachable: it begins at ${fromScore} and ends before, at ${toScore}`);
      continue;
    }
    if (toScore < scoreMin) {
      fault(`unreachable: it ends at ${toScore}, and eligibility asks for ${scoreMin}`);
      continue;
    }
    if (toScore < next) {
      fault(`unreachable: earlier bands have the scores up to ${next - 1}`);
      continue;
    }
    if (fromScore > next) fault(`gap: no band has the scores ${next} to ${fromScore - 1}`);
    if (fromScore < next)
      fault(
        fromScore < scoreMin && next === scoreMin
          ? `unreachable in part: eligibility asks for ${scoreMin}, it begins at ${fromScore}`
          : `overlap: an earlier band has the scores ${fromScore} to ${next - 1} too`,
      );
    if (band.lineFen < lineFen) fault('a higher score gives a lower line');
    next = toScore + 1;
    lineFen = band.lineFen;
  }
  if (next <= SCORE_MAX)
    faults.push({ field: '/bands', why: `gap: no band has the scores ${next} to ${SCORE_MAX}` });
};

/** Caps that nothing reaches. */
const ofCaps = (
  name: string,
  { visitCapFen, dayCapFen, fromScore }: Bounded,
  policy: LinePolicyDocument,
  faults: Faults,
): void => {
  const highestFen = Math.max(...policy.bands.map(({ lineFen }) => lineFen));
  const fault = (field: string, why: string): void =>
    void faults.push({ field: `/products/${name}/${field}`, why });
  if (visitCapFen !== null && visitCapFen > highestFen)
    fault('visitCapFen', `unreachable: no line is above ${highestFen} fen`);
  if (dayCapFen !== null && dayCapFen > highestFen)
    fault('dayCapFen', `unreachable: no line is above ${highestFen} fen`);
  if (visitCapFen !== null && dayCapFen !== null && dayCapFen < visitCapFen)
    fault('visitCapFen', `unreachable: the day’s cap ends it at ${dayCapFen} fen`);
  if (fromScore !== 0 && fromScore < policy.eligibility.scoreMin)
    fault('fromScore', `unreachable: eligibility asks for ${policy.eligibility.scoreMin}`);
};

const ofProducts = (policy: LinePolicyDocument, faults: Faults): void => {
  const { outpatient, emergency, inpatient, family } = policy.products;
  const classes = { outpatient, emergency, inpatient };
  for (const [name, terms] of Object.entries(classes)) {
    if (!terms) continue;
    ofCaps(name, terms, policy, faults);
    const { firstHoldFen, increaseStepFen, visitCapFen, dayCapFen } = terms;
    const capFen = visitCapFen ?? dayCapFen;
    if (capFen !== null && firstHoldFen > capFen)
      faults.push({
        field: `/products/${name}/firstHoldFen`,
        why: `unreachable: the cap ends it at ${capFen} fen`,
      });
    if (capFen !== null && increaseStepFen !== null && increaseStepFen > capFen)
      faults.push({
        field: `/products/${name}/increaseStepFen`,
        why: `unreachable: the cap ends it at ${capFen} fen`,
      });
  }
  if (family) ofCaps('family', family, policy, faults);
  if (!outpatient && !emergency && !inpatient)
    faults.push({ field: '/products', why: 'no class of visits is granted anything' });
};

const ofExclusions = ({ exclusions, products }: LinePolicyDocument, faults: Faults): void => {
  const seen = new Map<string, number>();
  for (const [index, { institutionId, product }] of exclusions.entries()) {
    const field = `/exclusions/${index}`;
    const row = seen.get(`${institutionId} ${product ?? ''}`) ?? seen.get(`${institutionId} `);
    if (row !== undefined) faults.push({ field, why: `unreachable: row ${row} excludes the same` });
    else if (product !== null && !products[product])
      faults.push({ field, why: `unreachable: the policy grants no ${product}` });
    if (row === undefined) seen.set(`${institutionId} ${product ?? ''}`, index);
  }
};

const ofScore = ({ score }: LinePolicyDocument, faults: Faults): void => {
  if (!score) return;
  const { validDays, noticeDays, dimensions } = score;
  if (validDays !== null && noticeDays >= validDays)
    faults.push({
      field: '/score/noticeDays',
      why: `unreachable: a score is ${validDays} days old when it expires`,
    });
  dimensions.forEach(({ code }, index) => {
    const first = dimensions.findIndex((other) => other.code === code);
    if (first < index)
      faults.push({ field: `/score/dimensions/${index}`, why: `row ${first} has the same code` });
  });
};

/** Every figure names a source that is there, and every source has a figure. */
const ofSources = (policy: LinePolicyDocument, faults: Faults): void => {
  const { eligibility, bands, products, exclusions } = policy;
  const used = new Set<string>();
  const known = new Set(policy.sources.map(({ sourceId }) => sourceId));
  const use = (field: string, source: string): void => {
    used.add(source);
    if (!known.has(source))
      faults.push({ field: `${field}/source`, why: 'is none of the sources' });
  };
  use('/eligibility', eligibility.source);
  if (policy.score) use('/score', policy.score.source);
  bands.forEach(({ source }, index) => use(`/bands/${index}`, source));
  exclusions.forEach(({ source }, index) => use(`/exclusions/${index}`, source));
  for (const [name, terms] of Object.entries(products)) use(`/products/${name}`, terms.source);
  policy.sources.forEach(({ sourceId }, index) => {
    const field = `/sources/${index}`;
    const first = policy.sources.findIndex((other) => other.sourceId === sourceId);
    if (first < index) faults.push({ field, why: `row ${first} has the same id` });
    else if (!used.has(sourceId)) faults.push({ field, why: 'no figure names it' });
  });
};

/**
 * Looks at a policy as a whole: gaps, overlaps, and what can never happen, each with its row and why.
 */
export const policyFaults = (policy: LinePolicyDocument): readonly PolicyFault[] => {
  const faults: Faults = [];
  ofBands(policy, faults);
  ofProducts(policy, faults);
  ofExclusions(policy, faults);
  ofScore(policy, faults);
  ofSources(policy, faults);
  return faults;
};
