import { message, paymentPayments } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { OutgoingMessage } from '@caretab/store';
import type { WriteOffRow } from '../write-off/write-off.table';
import type { CollectionRow } from './collection.table';

type Moved = Pick<CollectionRow, 'visitId' | 'accountPersonId' | 'paymentId' | 'writtenOffFen'>;

const common = (
  { visitId, accountPersonId, paymentId, writtenOffFen }: Moved,
  { amountFen }: WriteOffRow,
) => ({ visitId, accountPersonId, paymentId, writtenOffFen, amountFen });

const optionsOf = (type: string, { movementId, at }: WriteOffRow) => ({
  ...{ id: derivedId(type, movementId), time: at, source: 'payment' },
});

export const dueWrittenOff = (row: CollectionRow, movement: WriteOffRow): OutgoingMessage =>
  message(
    paymentPayments,
    'DueWrittenOff',
    {
      ...common(row, movement),
      institutionId: row.institutionId,
      reason: movement.reason!,
      writtenOffAt: movement.at.toISOString(),
    },
    optionsOf('DueWrittenOff', movement),
  );

export const writeOffReduced = (row: CollectionRow, movement: WriteOffRow): OutgoingMessage =>
  message(
    paymentPayments,
    'WriteOffReduced',
    {
      ...common(row, movement),
      reason: movement.kind === 'recovered' ? 'PAID' : 'VERDICT_REVISED',
      reducedAt: movement.at.toISOString(),
    },
    optionsOf('WriteOffReduced', movement),
  );
