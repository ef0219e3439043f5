import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, type Erasure, RetentionTable } from '@caretab/contracts';
import { assert } from '@caretab/kernel';

/** What stays of an erased person, as it ships. */
export const retention = dataOf(
  'services/identity/data/retention.json',
  readFileSync(join(__dirname, '../../data/retention.json'), 'utf8'),
  RetentionTable,
);

/** The same moment so many years later; 29 February becomes 1 March. */
const yearsAfter = (moment: Date, years: number): Date => {
  const later = new Date(moment);
  later.setUTCFullYear(moment.getUTCFullYear() + years);
  return later;
};

/** How long the records of this id are kept after a destruction. */
export const keptUntil = (id: string, destroyedAt: Date): Date => {
  const line = retention.records.find((each) => each.id === id);
  assert(line?.years, `the retention table has a time for ${id}`);
  return yearsAfter(destroyedAt, line.years);
};

/** The retention table as it holds for one destruction. */
export const keptOf = (destroyedAt: Date): Erasure['kept'] =>
  retention.records.map(({ service, records, why, source, years }) => ({
    service,
    records,
    why,
    source,
    until: years === null ? 'no end' : yearsAfter(destroyedAt, years).toISOString().slice(0, 10),
  }));
