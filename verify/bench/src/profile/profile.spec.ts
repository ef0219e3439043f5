import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profile, profilePageOf } from './profile';
import { profileOptionsOf } from './options';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  ...{ id, callFrame: { functionName, url }, children },
});

/** A handler that signs, by Node’s own crypto; a second of start before it, and idling. */
const sampled = {
  nodes: [
    node(1, '(root)', '', [2, 5, 6]),
    node(2, 'handle', 'file:///x/services/credit/dist/holds.js', [3]),
    node(3, 'signedAll', 'file:///x/libs/bus/dist/message-signature.js', [4]),
    node(4, 'sign', 'node:internal/crypto/sig'),
    node(5, '(idle)', ''),
    node(6, 'query', 'file:///x/node_modules/@scope/pg/lib/client.js'),
  ],
  samples: [2, 2, 4, 3, 5, 6, 2],
  timeDeltas: [1_000_000, 600_000, 200_000, 100_000, 5_000_000, 100_000, 1_000_000],
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'profile-'));
  writeFileSync(join(dir, 'a.cpuprofile'), JSON.stringify(sampled));
});
afterAll(() => rmSync(dir, { recursive: true }));

test('what Node does counts for who called it; start, end and idling do not count', () => {
  const found = profile({ dir, json: false, skipSeconds: 1.5, tailSeconds: 1 });
  expect(found).toMatchObject({
    cpuSeconds: 1,
    access: { 'messages’ signatures': 30 },
    accessPercent: 30,
    rest: [
      ['services/credit', 60],
      ['@scope/pg', 10],
    ],
    faults: [],
  });
  expect(profilePageOf(found)).toContain('The access model: 30 %');
});

test('a folder without a sample of the steady part is a fault', () => {
  const options = profileOptionsOf([dir, '--skip', '100']);
  expect(profile(options).faults).toHaveLength(1);
});

test('a folder is needed', () => {
  expect(() => profileOptionsOf(['--json'])).toThrow('DIR');
});
