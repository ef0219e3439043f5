import type { Erasure } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { ErasureRow } from './erasure.table';
import { keptOf } from './retention';

/** An erasure as its receipt: how far it is, what was destroyed, what stays and why. */
export const receiptOf = ({
  refused,
  closedAt,
  destroyedAt,
  doneAt,
  closingNotice,
  ...row
}: ErasureRow): Erasure => {
  assert(row.status !== 'done' || destroyedAt, 'what is done was destroyed');
  return {
    ...row,
    ...(closedAt && { closedAt }),
    ...(destroyedAt && { destroyedAt }),
    ...(doneAt && { doneAt }),
    ...(closingNotice && { closingNotice }),
    ...(refused.length > 0 && { refused: [...refused] }),
    waitsFor: [...row.waitsFor],
    destroyed: [...row.destroyed],
    kept: destroyedAt ? keptOf(destroyedAt) : [],
  };
};
