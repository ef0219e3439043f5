import type { AnchorPlace } from '../src/place';

/** A place as its users see it. */
export const placesSuite = (
  name: string,
  open: () => Promise<{ readonly place: AnchorPlace; takeAway(): Promise<void> }>,
): void => {
  test(`${name}: lines are kept in their order, file by file, also for who opens it later`, async () => {
    const { place } = await open();
    expect(await place.files()).toEqual([]);
    const [first, second] = ['00000000000000000001.jsonl', '00000000000000000020.jsonl'] as const;
    await place.append(second, 'c');
    await place.append(first, 'a');
    await place.append(first, 'b');
    expect(await place.files()).toEqual([first, second]);
    expect(await place.lines(first)).toEqual(['a', 'b']);
    expect(await place.lines(second)).toEqual(['c']);
  });

  test(`${name}: one that is away fails, and nothing is made in its stead`, async () => {
    const { place, takeAway } = await open();
    await takeAway();
    await expect(place.files()).rejects.toThrow();
    await expect(place.append('00000000000000000001.jsonl', 'a')).rejects.toThrow();
    await expect(place.files()).rejects.toThrow();
  });
};
