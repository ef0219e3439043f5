import { ID_NUMBER_WORDS, type InterfaceProfile } from '@caretab/contracts';
import { normaliseIdNumber } from '@caretab/kernel';
import { Faults } from './fault';
import type { Submission } from './submission';

const IN_PROFILE =
  'send a number of its own; where your visit numbers are ID numbers, have the interface profile ' +
  'say so (visitNumbersPersonal)';
const IN_ID = 'make ids of something else';

/** Ids of a message and where each stands. */
const idsIn = ({ door, facts }: Submission): readonly (readonly [field: string, id: string])[] =>
  facts.flatMap((fact, index) => {
    if (fact.type === 'ChargePosted')
      return [
        [
          door === 'mllp' ? `FT1[${index + 1}]-2` : `/charges/${index}/chargeId`,
          fact.charge.chargeId,
        ] as const,
      ];
    if (fact.type !== 'ChargeReturned') return [];
    return [[door === 'mllp' ? `FT1[${index + 1}]-2` : '/returnId', fact.returnId] as const];
  });

/**
 * Ids are never judged by their shape: a number of 18 digits may be any. One that holds the ID
 * number of its own message is no chance. Throws ID_NUMBER_FORBIDDEN (invalid).
 */
export const checkIds = (
  submission: Submission,
  { visitNumbersPersonal = false }: InterfaceProfile,
): void => {
  const { person, otherCredentials = [], door, visitNumber } = submission;
  const own = [...(person && 'value' in person ? [person] : []), ...otherCredentials]
    .filter(({ type }) => type === 'id-number')
    .flatMap(({ value }) => [value.trim().toUpperCase(), normaliseIdNumber(value)]);
  const holdsOwn = (id: string): boolean => own.some((value) => id.toUpperCase().includes(value));
  if (own.length === 0) return;
  const faults = new Faults();
  const refused = (field: string, remedy: string): void =>
    void faults.add(field, 'ID_NUMBER_FORBIDDEN', ID_NUMBER_WORDS.why, remedy);
  if (!visitNumbersPersonal && holdsOwn(visitNumber))
    refused(door === 'mllp' ? 'PV1-19' : '/visitNumber', IN_PROFILE);
  for (const [field, id] of idsIn(submission)) if (holdsOwn(id)) refused(field, IN_ID);
  faults.throwIfAny();
};
