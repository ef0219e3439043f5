import { EventKeysRefused, readEventKeys } from './event-keys';

const key = Buffer.alloc(32, 'k').toString('base64');
const keys = { current: '2026-11', keys: { '2026-11': key } };

test('what an operator says of keys is read with them', () => {
  const given = { ...keys, signedAfter: '7', proven: ['2026-11'], disowned: ['2026-12'] };
  expect(readEventKeys(JSON.stringify(given))).toMatchObject({
    ...{ current: '2026-11', signedAfter: 7n, proven: ['2026-11'], disowned: ['2026-12'] },
  });
});

test.each([
  ['a key that signs', ['2026-11']],
  ['no list', '2026-12'],
  ['no texts', [12]],
])('disowned is refused by name for %s, and says no key', (_what, disowned) => {
  const read = () => readEventKeys(JSON.stringify({ ...keys, disowned }));
  expect(read).toThrow(EventKeysRefused);
  expect(read).toThrow('disowned is not a list of ids that do not stand in keys');
});
