import { clusterIdOf } from './kafka-settings';

test('a cluster id never begins with a hyphen, which the storage tool takes for an option', () => {
  const hyphen = Buffer.alloc(16, 0);
  hyphen[0] = 0xf8;
  expect(hyphen.toString('base64url')).toMatch(/^-/);
  expect(clusterIdOf(hyphen)).toBe(hyphen.toString('base64url').replace(/^-/, 'A'));
  for (let first = 0; first < 256; first += 1) {
    const bytes = Buffer.alloc(16, first);
    expect(clusterIdOf(bytes)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
  }
});
