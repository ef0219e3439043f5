import { otherKeys } from './hands';

test('another key stands under the same id, and nothing else changes', () => {
  const own = { current: 'first', keys: { first: 'AAAA' }, signedAfter: '0' };
  const other = JSON.parse(otherKeys(JSON.stringify(own))) as typeof own;
  expect(other).toMatchObject({ current: 'first', signedAfter: '0' });
  expect(Object.keys(other.keys)).toEqual(['first']);
  expect(Buffer.from(other.keys.first, 'base64')).toHaveLength(32);
});
