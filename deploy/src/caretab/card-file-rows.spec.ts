import { csvRecords } from './card-file-rows';

const recordsIn = async (...pieces: string[]): Promise<(readonly string[])[]> => {
  const found: (readonly string[])[] = [];
  const all = (async function* () {
    yield* pieces;
  })();
  for await (const { cells } of csvRecords(all)) found.push(cells);
  return found;
};

test('cells in quotes hold commas, quotes and breaks, and a file ends without one', async () =>
  expect(await recordsIn('a,b\r\n"1,2","say ""no"""\n"two\nlines",\n\nlast,"x"')).toEqual([
    ['a', 'b'],
    ['1,2', 'say "no"'],
    ['two\nlines', ''],
    ['last', 'x'],
  ]));

test('records are the same wherever the pieces of a file end', async () => {
  const text = 'a,b\n"1,""2""",x\n王,"y\n"\n';
  const whole = await recordsIn(text);
  for (let at = 0; at <= text.length; at += 1)
    expect(await recordsIn(text.slice(0, at), text.slice(at))).toEqual(whole);
});

test('a row without an end is refused before it fills the memory', () =>
  expect(recordsIn('a\n', '"'.concat('x'.repeat(20_000)))).rejects.toThrow('row 1 has more'));
