import type { UnidentifiedReason } from '@caretab/contracts';

type Fact<Type extends string, Data> = { readonly type: Type; readonly data: Readonly<Data> };

interface Place {
  readonly visitId: string;
  readonly institutionId: string;
  readonly businessDate: string;
}
type OfPerson<Data> = Place & { personId: string } & Data;

/** Why an unidentified patient's visit gets no person any more: it was none, or a year has passed. */
export type GivenUpFor = 'VISIT_CANCELLED' | 'PATIENT_UNIDENTIFIED';

/** Private facts of a visit before it has its person. Times are RFC 3339. */
export type UnidentifiedFact =
  | Fact<
      'UnidentifiedVisitOpened',
      Place & {
        visitNumber: string;
        department?: string | undefined;
        startedAt: string;
        /** Two of its hospital's staff. */
        openedBy: readonly string[];
        reason: UnidentifiedReason;
        identifyUntil: string;
        /** What was charged before the opening, in fen. */
        chargedFen: number;
      }
    >
  | Fact<
      'PatientProposed',
      OfPerson<{
        linkId: string;
        proposedBy: string;
        approvedBy: string;
        startedAt: string;
        chargedFen: number;
        proposedAt: string;
        answerUntil: string;
      }>
    >
  | Fact<'PatientDenied', OfPerson<{ linkId: string; reason: string; deniedAt: string }>>
  | Fact<'PatientIdentified', OfPerson<{ linkId: string; identifiedAt: string }>>
  | Fact<'UnidentifiedVisitGivenUp', Place & { reason: GivenUpFor; givenUpAt: string }>;

/** A patient whom no one knew, as long as the visit is remembered. */
export interface Unidentified extends Place {
  readonly visitNumber: string;
  readonly department?: string | undefined;
  readonly startedAt: string;
  readonly identifyUntil: string;
  /** Who is asked. */
  readonly proposal?:
    | { readonly linkId: string; readonly personId: string; readonly answerUntil: string }
    | undefined;
  /** Who was asked before, and why it is not them. */
  readonly denied: readonly {
    readonly linkId: string;
    readonly personId: string;
    readonly reason: string;
  }[];
  /** The proposal that was agreed to. */
  readonly identifiedBy?: string;
  readonly givenUpFor?: GivenUpFor;
}

const TYPES: Readonly<Record<UnidentifiedFact['type'], true>> = {
  UnidentifiedVisitOpened: true,
  PatientProposed: true,
  PatientDenied: true,
  PatientIdentified: true,
  UnidentifiedVisitGivenUp: true,
};

export const isOfUnidentified = <Other extends { readonly type: string }>(
  fact: UnidentifiedFact | Other,
): fact is UnidentifiedFact => fact.type in TYPES;

/** Folds one fact; undefined before the opening. */
export const unidentifiedAfter = (
  before: Unidentified | undefined,
  fact: UnidentifiedFact,
): Unidentified | undefined => {
  if (fact.type === 'UnidentifiedVisitOpened') {
    const { visitId, institutionId, businessDate, visitNumber } = fact.data;
    const { department, startedAt, identifyUntil } = fact.data;
    return {
      ...{ visitId, institutionId, businessDate, visitNumber },
      ...{ department, startedAt, identifyUntil, denied: [] },
    };
  }
  if (!before) return undefined;
  const { proposal: _asked, ...rest } = before;
  switch (fact.type) {
    case 'PatientProposed': {
      const { linkId, personId, answerUntil } = fact.data;
      return { ...rest, proposal: { linkId, personId, answerUntil } };
    }
    case 'PatientDenied': {
      const { linkId, personId, reason } = fact.data;
      return { ...rest, denied: [...rest.denied, { linkId, personId, reason }] };
    }
    case 'PatientIdentified':
      return { ...rest, identifiedBy: fact.data.linkId };
    case 'UnidentifiedVisitGivenUp':
      return { ...rest, givenUpFor: fact.data.reason };
  }
};
