import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { translated } from '../../test/gateway';
import { MESSAGE_TYPES } from './header';

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

const messages = examples.filter(([first]) => first!.startsWith('MSH'));

test('the examples of the guide are understood as the guide says', () => {
  const [opening, charge, taken] = messages as [string[], string[], string[]];
  expect(translated(opening.join('\r')).facts).toMatchObject([
    { type: 'VisitStarted', visitClass: 'outpatient' },
  ]);
  expect(translated(charge.join('\r')).facts).toMatchObject([
    { type: 'ChargePosted', charge: { chargeId: 'T0001', amountFen: 1000 } },
    { type: 'ChargePosted', charge: { chargeId: 'T0002', amountFen: 1000 } },
  ]);
  expect(translated(taken.join('\r')).facts).toMatchObject([
    { type: 'ChargeReturned', returnId: 'T0003', chargeId: 'T0002', amountFen: 1000 },
  ]);
  const [drug, back] = [messages[4]!, messages[5]!];
  expect(translated(drug.join('\r')).facts).toMatchObject([
    { type: 'ChargePosted', charge: { chargeId: 'T0006', dispensed: true } },
  ]);
  expect(translated(back.join('\r')).facts).toMatchObject([
    { chargeId: 'T0006', quantity: '3', returnedToPharmacy: true },
  ]);
});

test('every message type that is understood has an example', () => {
  const shown = examples.flatMap((lines) =>
    lines.flatMap((line) => /^MSH(?:\|[^|]*){7}\|([A-Z]{3}\^[A-Z0-9]{3})/.exec(line)?.[1] ?? []),
  );
  expect([...MESSAGE_TYPES].filter((type) => !shown.includes(type))).toEqual([]);
});
