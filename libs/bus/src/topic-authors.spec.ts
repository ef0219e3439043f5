import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hospitalReports, SERVICES, topicsFor } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { Authors } from './authors';
import { signedAll } from './message-signature';
import { TWIN_AUTHORS, twinKeyOf } from './twin-authors';

const AUTHORS = [
  ...SERVICES,
  'hospital/HZ001',
  'hospital/HZ003',
  // By these services ask each other; they are authors of nothing.
  'service/credit',
  'service/gateway',
];
const PAYER = 'city-resident';
const HOSPITAL = 'HZ003';
const topics = [...topicsFor([PAYER]), hospitalReports(HOSPITAL)];

/** The committed matrix, as people read it: the authors of each topic. */
const printed = (): ReadonlyMap<string, readonly string[]> => {
  const text = readFileSync(join(__dirname, '../../../docs/access.md'), 'utf8')
    .replaceAll('{payerId}', PAYER)
    .replaceAll('{institutionId}', HOSPITAL);
  const rows = text
    .slice(text.indexOf('## Topics'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((line) => {
      const [topic = '', authors = ''] = line.slice(2, -2).split(' | ');
      const name = topic.replaceAll('`', '').trim();
      return [name, authors.split(',').map((author) => author.trim())] as const;
    }),
  );
};

test('every topic takes what its printed authors wrote, and of no one else', () => {
  const rows = printed();
  expect([...rows.keys()].sort()).toEqual(topics.map(({ name }) => name).sort());
  const authors = new Authors(TWIN_AUTHORS, fixedClock('2026-03-02T09:00:00Z'));
  const unexpected: string[] = [];
  for (const topic of topics)
    for (const author of AUTHORS) {
      const headers = { ce_id: '1', ce_type: 'Anything', ce_source: author };
      const [message] = signedAll(
        topic.name,
        [{ key: 'k', headers, value: '{}' }],
        twinKeyOf(author),
      );
      const expected = rows.get(topic.name)!.includes(author);
      let isTaken = true;
      try {
        authors.verify(topic, { ...message!, topic: topic.name, partition: 0, offset: 0n });
      } catch (error) {
        isTaken = false;
        expect(error).toMatchObject({ code: 'AUTHOR_FORBIDDEN' });
      }
      if (isTaken !== expected) unexpected.push(`${topic.name} of ${author}: ${isTaken}`);
    }
  expect(unexpected).toEqual([]);
});
