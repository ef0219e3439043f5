/** Whether two texts differ by two neighbours that changed places. */
export const isTransposed = (one: string, other: string): boolean => {
  if (one.length !== other.length) return false;
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return (
    at >= 0 &&
    one[at] === other[at + 1] &&
    one[at + 1] === other[at] &&
    one.slice(at + 2) === other.slice(at + 2)
  );
};

/** Whether two texts are equally long and differ at one place. */
export const differsOnce = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length &&
  one.filter((character, index) => character !== other[index]).length === 1;

/** Whether a hand on a keyboard makes one of the other: one digit, or two that changed places. */
export const isSlip = (one: string, other: string): boolean =>
  isTransposed(one, other) || differsOnce([...one], [...other]);

const pairsOf = (text: string): ReadonlySet<string> => {
  const characters = [...text];
  return new Set(characters.slice(1).map((character, index) => characters[index]! + character));
};

/** Dice's coefficient over pairs of neighbours: 0 to 1, the same both ways. */
export const likeness = (one: string, other: string): number => {
  const [a, b] = [pairsOf(one), pairsOf(other)];
  if (a.size + b.size === 0) return one === other ? 1 : 0;
  return (2 * [...a].filter((pair) => b.has(pair)).length) / (a.size + b.size);
};
