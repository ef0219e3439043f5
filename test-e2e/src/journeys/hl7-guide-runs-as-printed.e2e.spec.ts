import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendOnce } from '@caretab/hospital';
import { ROOT } from '../launcher';
import { mllpOf } from '../platform';
import { World } from '../world';

const world = new World('hl7-guide-runs-as-printed');
const guide = readFileSync(join(ROOT, 'services/gateway/docs/hl7.md'), 'utf8');
const examples = guide
  .slice(guide.indexOf('## Examples'))
  .split('\n\n')
  .map((block) => block.split('\n').filter((line) => line.startsWith('    ')))
  .filter((lines) => lines.length > 0)
  .map((lines) => lines.map((line) => line.trim()).join('\r'));

test('the examples of the HL7 guide run as printed, and their charges are on the tab', async () => {
  const citizen = await world.citizen();
  const { institutionId } = await world.hospital();
  // What a reader without the sample day changes: the facility, and whose number it is.
  const { idNumber } = citizen;
  const sex = Number(idNumber[16]) % 2 === 1 ? 'M' : 'F';
  const own = (text: string): string =>
    text
      .replaceAll('DEMO01', institutionId)
      .replaceAll('330106199411060026', idNumber)
      .replaceAll('||19941106|F', `||${idNumber.slice(6, 14)}|${sex}`);
  for (const example of examples) {
    const { whole } = await sendOnce(mllpOf(world.address), Buffer.from(own(example)));
    const codes = [...whole.matchAll(/(?:^|\r)MSA\|([A-Z]{2})/g)].map(([, code]) => code);
    expect([example.slice(0, 90), new Set(codes)]).toEqual([example.slice(0, 90), new Set(['AA'])]);
    if (example.includes('|ADT^A04|') && !example.startsWith('BHS'))
      await world.becomes(`${institutionId}-V0001`, { status: 'open' });
  }
  await world.becomes(`${institutionId}-V0001`, { chargesDeferred: 3, chargesReturned: 1 });
  await world.becomes(`${institutionId}-2026/0002`, { visitClass: 'outpatient' });
});
