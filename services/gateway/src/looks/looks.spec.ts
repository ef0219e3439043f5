import { type Asked, cursorsOf, hasEnded, type Look, merged } from './looks';

/** A service with so many records, one each minute, as it answers page by page. */
const service = (name: string, count: number, offsetMs: number) => ({
  name,
  ask: (after: string | undefined): Asked => {
    if (hasEnded(after)) return { service: name, after, page: { records: [] } };
    const from = after === undefined ? count : Number(after) - 1;
    const records = Array.from({ length: Math.min(100, from) }, (_, index): Look => {
      const position = from - index;
      return {
        ...{ reference: `${name}/${position}`, action: 'persons.read', by: [] },
        ...{ outcome: 'allowed', approved: false },
        at: new Date(position * 60_000 + offsetMs),
      };
    });
    const more = from > 100;
    const next = more ? { next: records.at(-1)!.reference.split('/')[1]! } : {};
    return { service: name, after, page: { records, ...next } };
  },
});

test('page by page each record of each service comes once, the latest first', () => {
  const services = [
    service('identity', 250, 0),
    service('credit', 130, 7),
    service('payment', 0, 0),
  ];
  const found: Look[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const cursors = cursorsOf(after);
    const page = merged(services.map(({ name, ask }) => ask(cursors.get(name))));
    found.push(...page.records);
    after = page.next;
    pages += 1;
  } while (after !== undefined && pages < 20);
  expect(found).toHaveLength(380);
  expect(new Set(found.map(({ reference }) => reference)).size).toBe(380);
  const times = found.map(({ at }) => new Date(at).getTime());
  expect(times).toEqual([...times].sort((one, other) => other - one));
  expect(pages).toBe(4);
});

test('a service that is away is named, and holds nothing up', () => {
  const page = merged([
    service('identity', 3, 0).ask(undefined),
    { service: 'credit', after: '8', page: undefined },
  ]);
  expect(page).toMatchObject({ missing: ['credit'] });
  expect(page.records).toHaveLength(3);
  expect(page.next).toBeUndefined();
});
