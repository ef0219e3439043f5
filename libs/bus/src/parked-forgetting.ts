import { stream, type Transaction } from '@caretab/store';
import { parkedTable } from './parked.table';

const WHY = 'personal data destroyed';

/**
 * Empties and closes parked messages that could not be read and name a person; returns how many.
 * What its contract reads holds ids alone, and stays: it may be money.
 */
export const forgetParked = async (
  transaction: Transaction,
  personId: string,
  now: Date,
): Promise<number> => {
  const parked = transaction.rows(parkedTable);
  let count = 0;
  for await (const rows of stream(parked, { messageId: null }, { lock: 'wait' })) {
    const found = rows.filter(({ key, value, headers, mended }) =>
      [key, value, headers, mended ?? ''].some((text) => text.includes(personId)),
    );
    await parked.save(
      ...found.map((row) => ({
        ...row,
        ...{ value: '', headers: '{}', mended: null, why: WHY },
        ...(row.status === 'parked' && { status: 'discarded' as const, settledAt: now }),
      })),
    );
    count += found.length;
  }
  return count;
};
