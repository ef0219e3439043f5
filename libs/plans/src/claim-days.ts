import { isDay } from './amounts';
import type { ClaimFile } from './claim-file';
import type { Finding } from './strict-json';

/** Days that there are not, lines outside of their stay, a birth after the care, ids that stand twice. */
export const dayFindings = (
  { admitted, discharged, settled, birth, lines = [] }: ClaimFile,
  careDate: string | undefined,
  findings: Finding[],
): void => {
  const fault = (path: string, why: string): void =>
    void findings.push({ path, why, remedy: 'Correct it.' });
  for (const [path, day] of Object.entries({ admitted, discharged, settled, birth, careDate }))
    if (day !== undefined && !isDay(day)) fault(`/${path}`, 'There is no such day.');
  if (birth !== undefined && careDate !== undefined && birth > careDate)
    fault('/birth', 'The birth comes after the care.');
  const ids = new Set<string>();
  for (const [index, { id, day }] of lines.entries()) {
    if (ids.has(id)) fault(`/lines/${index}/id`, 'Two lines have this id.');
    ids.add(id);
    if (day === undefined) continue;
    if (!isDay(day)) fault(`/lines/${index}/day`, 'There is no such day.');
    if (
      (admitted !== undefined && day < admitted) ||
      (discharged !== undefined && day > discharged)
    )
      fault(`/lines/${index}/day`, 'The day is outside of the stay.');
  }
};
