import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { translated } from '../../test/gateway';

const guide = readFileSync(join(__dirname, '../../docs/hl7.md'), 'utf8');
const examples = guide
  .slice(guide.indexOf('## Examples'))
  .split('\n\n')
  .map((block) =>
    block
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .map((line) => line.trim()),
  )
  .filter((lines) => lines.length > 0);

test('the examples of the guide are understood as the guide says', () => {
  const [opening, charge, taken] = examples as [string[], string[], string[]];
  expect(translated(opening.join('\r')).facts).toMatchObject([
    { type: 'VisitStarted', visitClass: 'outpatient' },
  ]);
  expect(translated(charge.join('\r')).facts).toMatchObject([
    { type: 'ChargePosted', charge: { chargeId: 'T0001', amountFen: 2000 } },
  ]);
  expect(translated([...charge.slice(0, 4), ...taken].join('\r')).facts).toMatchObject([
    { type: 'ChargeReturned', returnId: 'T0002', chargeId: 'T0001', amountFen: 2000 },
  ]);
});
