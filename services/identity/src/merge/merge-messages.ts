import { identityPersons, message } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { MergeRow } from './merge.table';

const source = 'identity';
type Of = Pick<MergeRow, 'personId' | 'survivorId' | 'mergeId' | 'revision'>;

export const personsMerged = ({ personId, survivorId, mergeId, revision }: Of, time: Date) => {
  const data = { personId, survivorId, mergeId, revision, mergedAt: time.toISOString() };
  const id = derivedId('PersonsMerged', JSON.stringify(data));
  return message(identityPersons, 'PersonsMerged', data, { id, time, source });
};

export const personsUnmerged = ({ personId, survivorId, mergeId, revision }: Of, time: Date) => {
  const of = { personId, survivorId, mergeId, revision: revision + 1 };
  const data = { ...of, unmergedAt: time.toISOString() };
  const id = derivedId('PersonsUnmerged', JSON.stringify(data));
  return message(identityPersons, 'PersonsUnmerged', data, { id, time, source });
};
