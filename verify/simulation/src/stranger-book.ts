import type { Charge } from '@caretab/contracts';
import type { VisitPlan } from './plan';
import type { PlannedAction, PlannedReport, Presented } from './visit-script';

/** A message that names whom it is for. */
export type Naming = PlannedReport & { readonly person: Presented };

/** Charges that were sent for another than the visit's patient. */
export type Strange = Naming & { readonly charges: readonly Charge[] };

/** By its hospital's own book: it was sent for another than the visit's patient. */
export const isForAnother = (visit: VisitPlan, { person }: PlannedAction): boolean =>
  person !== undefined && person.citizen !== visit.citizen;

/** Charges for others that came before the opening, and that were not taken back. */
export const strangersOf = (visit: VisitPlan, accepted: readonly PlannedAction[]): Strange[] =>
  isOpened(accepted)
    ? []
    : accepted.filter(
        (action): action is Strange =>
          action.kind === 'charges' &&
          isForAnother(visit, action) &&
          !accepted.some(({ key }) => key === `${action.key}-back`),
      );

const isOpened = (accepted: readonly PlannedAction[]): boolean =>
  accepted.some(({ kind }) => kind === 'start');

/** What the door knows to be wrong: whose visit it is, or who may open one. */
export const mustBeRefused = (
  visit: VisitPlan,
  action: Naming,
  accepted: readonly PlannedAction[],
): boolean =>
  action.person.opens !== undefined || (isOpened(accepted) && isForAnother(visit, action));

/** Whether a message was refused for its person with the reason that its hospital's book has. */
export const isRefusedFor = (
  visit: VisitPlan,
  action: Naming,
  {
    codes,
    forgotten,
  }: { readonly codes: readonly string[]; readonly forgotten: ReadonlySet<number> },
): boolean => {
  const { citizen, opens, says } = action.person;
  if (codes.includes('PERSON_UNKNOWN')) return forgotten.has(citizen);
  if (opens)
    return codes.includes(says === 'newborn' ? 'IDENTITY_CONTRADICTS' : 'PATIENT_UNIDENTIFIED');
  return codes.includes('PERSON_DIFFERS') && isForAnother(visit, action);
};
