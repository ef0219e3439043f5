import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesSuite } from '../test/places.suite';
import { FilePlace } from './file-place.adapter';
import { MemoryPlace } from './place';

placesSuite('the twin of a place', async () => {
  const place = new MemoryPlace('twin');
  return { place, takeAway: async () => void (place.isAway = true) };
});

const folders: string[] = [];
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'caretab-anchors-')));
  return folders.at(-1)!;
};
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));

placesSuite('a folder', async () => {
  const home = folder();
  const place = new FilePlace('first', home, 'caretab/visit-ledger');
  return { place, takeAway: async () => rmSync(home, { recursive: true }) };
});

test('files are for their owner alone, and logs of one folder have a folder each', async () => {
  const home = folder();
  const [ledger, credit] = ['caretab/visit-ledger', 'caretab/credit'].map(
    (origin) => new FilePlace('first', home, origin),
  );
  await ledger!.append('00000000000000000001.jsonl', 'a');
  expect(await credit!.files()).toEqual([]);
  const path = join(home, 'caretab_visit-ledger');
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(path, '00000000000000000001.jsonl')).mode & 0o777).toBe(0o600);
});

test('behind a line that a power failure cut off, the next one is whole', async () => {
  const home = folder();
  const place = new FilePlace('first', home, 'log');
  const file = '00000000000000000001.jsonl';
  await place.append(file, 'a');
  appendFileSync(join(home, 'log', file), 'half a li');
  await place.append(file, 'b');
  expect(await place.lines(file)).toEqual(['a', 'half a li', 'b']);
});
