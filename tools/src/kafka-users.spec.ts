import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { parseAllDocuments } from 'yaml';
import { catalogue } from './catalogue';
import { type Acl, hospitalUser, kafkaUsersPath, kafkaUsersText, run } from './kafka-users';

const ROOT = join(__dirname, '../..');
const topics = catalogue(ROOT);
const users = parseAllDocuments(readFileSync(join(ROOT, kafkaUsersPath), 'utf8')).map(
  (document) =>
    document.toJS() as {
      metadata: { name: string };
      spec: { authorization: { acls: readonly Acl[] } };
    },
);
const may = (name: string, operation: string, type: string, resource: string): boolean =>
  users
    .find(({ metadata }) => metadata.name === name)!
    .spec.authorization.acls.some(
      ({ resource: { type: of, name: given, patternType }, operations }) =>
        of === type &&
        operations.includes(operation) &&
        (patternType === 'prefix' ? resource.startsWith(given) : resource === given),
    );
const namesWho = (operation: string, type: string, resource: string): string[] =>
  users.map(({ metadata }) => metadata.name).filter((name) => may(name, operation, type, resource));
const nameOf = (address: string): string =>
  address.replace('{payerId}', payerIds[0]!).replace('{institutionId}', 'HZ003');

test.each(topics.map((entry) => [nameOf(entry.address), entry] as const))(
  '%s is written by its authors alone, and read by who consumes it',
  (name, { topic, consumptions }) => {
    const services = topic.authors.filter((author) => !author.startsWith('hospital/'));
    expect(namesWho('Write', 'topic', name).sort()).toEqual([...services].sort());
    const readers = consumptions.map(({ group }) => group.split('.', 1)[0]!);
    // The ledger compares its topic with its log.
    if (name === 'visit-ledger.visits') readers.push('visit-ledger');
    const insurers = name.startsWith('insurer.') ? [`insurer-${payerIds[0]}`] : [];
    expect(namesWho('Read', 'topic', name).sort()).toEqual(
      [...new Set([...readers, ...insurers])].sort(),
    );
    for (const { group } of consumptions)
      expect(namesWho('Read', 'group', group)).toEqual([group.split('.', 1)[0]]);
  },
);

test('an insurer reads its own topic, in groups of its own, and does nothing else', () => {
  const [own, other] = payerIds as [string, string];
  const allowed = users.find(({ metadata }) => metadata.name === `insurer-${own}`)!.spec
    .authorization.acls;
  expect(new Set(allowed.flatMap(({ operations }) => operations))).toEqual(
    new Set(['Describe', 'Read']),
  );
  expect(may(`insurer-${own}`, 'Read', 'topic', `insurer.${other}.settlements`)).toBe(false);
  expect(may(`insurer-${own}`, 'Read', 'group', `${other}.book`)).toBe(false);
});

test('a hospital writes to its own topic, and does nothing else', () => {
  expect(hospitalUser('HZ003')).toEqual({
    name: 'hospital-hz003',
    acls: [
      {
        resource: { type: 'topic', name: 'hospital.reports.HZ003', patternType: 'literal' },
        operations: ['Describe', 'Write'],
      },
    ],
  });
});

test('of services, the gateway alone makes and reads hospitals’ topics, and none writes to them', () => {
  const own = 'hospital.reports.HZ003';
  for (const operation of ['Create', 'Describe', 'Read'])
    expect(namesWho(operation, 'topic', own)).toEqual(['gateway']);
  expect(namesWho('Write', 'topic', own)).toEqual([]);
  expect(namesWho('Write', 'topic', 'hospital.visit-events')).toEqual(['gateway']);
});

test('the users of hospitals are printed by their ids; what is none is refused', () => {
  const printed: string[] = [];
  const say = (text: string): void => void printed.push(text);
  expect(run(['HZ003', 'HZ004'], say)).toBe(0);
  expect(printed).toEqual([kafkaUsersText(['HZ003', 'HZ004'].map(hospitalUser))]);
  expect(() => run(['*'], say)).toThrow('* is no institution id');
  expect(() => run([], say)).toThrow('Which hospitals?');
});
