/** What was settled, and what would have been. Whole fen. */
export interface Compared {
  readonly wasFen: number;
  readonly wouldBeFen: number;
}

/** The claims of one band or person type. */
export interface ShadowGroup {
  readonly claims: number;
  readonly payer: Compared;
  readonly patient: Compared;
}

type By<Value> = Readonly<Record<string, Value>>;

/** Differences of a shadow run: by payer, by what the visit cost, and by type of person. */
export interface ShadowTally {
  /** Claims that the document would have decided. */
  readonly claims: number;
  /** Of those, claims in which some payer or the patient would bear another sum. */
  readonly changed: number;
  /** Claims that could not be compared: an earlier release did not keep their lines whole. */
  readonly notCompared: number;
  readonly payers: By<Compared>;
  readonly patient: Compared;
  readonly bands: By<ShadowGroup>;
  readonly personTypes: By<ShadowGroup>;
}

const NONE: Compared = { wasFen: 0, wouldBeFen: 0 };
const NO_GROUP: ShadowGroup = { claims: 0, payer: NONE, patient: NONE };

export const emptyShadow: ShadowTally = {
  ...{ claims: 0, changed: 0, notCompared: 0, payers: {}, patient: NONE },
  ...{ bands: {}, personTypes: {} },
};

/** One claim, as it was and as it would be. */
export interface ShadowClaim {
  readonly payerId: string | null;
  readonly personType: string;
  readonly grossFen: number;
  readonly payers: By<Compared>;
  readonly patient: Compared;
}

/** Upper ends of the bands of what visits cost, in whole yuan. */
const BANDS_YUAN = [500, 1_000, 5_000, 20_000, 100_000];

export const bandOf = (grossFen: number): string => {
  const index = BANDS_YUAN.findIndex((yuan) => grossFen <= yuan * 100);
  const from = index === 0 ? 0 : BANDS_YUAN.at(index === -1 ? -1 : index - 1)!;
  return index === -1 ? `${from}-` : `${from}-${BANDS_YUAN[index]!}`;
};

const plus = (a: Compared = NONE, b: Compared = NONE): Compared => ({
  wasFen: a.wasFen + b.wasFen,
  wouldBeFen: a.wouldBeFen + b.wouldBeFen,
});

const withClaim = (
  groups: By<ShadowGroup>,
  key: string,
  { payerId, payers, patient }: ShadowClaim,
): By<ShadowGroup> => {
  const group = groups[key] ?? NO_GROUP;
  const own = Object.entries(payers).filter(([payer]) => payerId === null || payer === payerId);
  return {
    ...groups,
    [key]: {
      claims: group.claims + 1,
      payer: own.map(([, compared]) => compared).reduce(plus, group.payer),
      patient: plus(group.patient, patient),
    },
  };
};

const differs = ({ wasFen, wouldBeFen }: Compared): boolean => wasFen !== wouldBeFen;

/** The tally with one claim more. */
export const addClaim = (tally: ShadowTally, claim: ShadowClaim): ShadowTally => {
  const { payers, patient, grossFen, personType } = claim;
  const isChanged = [patient, ...Object.values(payers)].some(differs);
  const sums = { ...tally.payers };
  for (const [payer, compared] of Object.entries(payers)) sums[payer] = plus(sums[payer], compared);
  return {
    ...tally,
    claims: tally.claims + 1,
    changed: tally.changed + (isChanged ? 1 : 0),
    payers: sums,
    patient: plus(tally.patient, patient),
    bands: withClaim(tally.bands, bandOf(grossFen), claim),
    personTypes: withClaim(tally.personTypes, personType, claim),
  };
};

/** What an insurer reads: its own sums, and those of all others together. */
export const asSeenBy = (tally: ShadowTally, payerId: string): ShadowTally => {
  const { [payerId]: own = NONE, ...others } = tally.payers;
  const rest = Object.values(others).reduce(plus, NONE);
  return { ...tally, payers: { [payerId]: own, 'all others': rest } };
};
