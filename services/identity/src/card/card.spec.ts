import type { CardChange, CardStatus } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import { cardFilesSuite } from '../../test/card-files.suite';
import { cardPlatformsSuite } from '../../test/card-platforms.suite';
import { cardsSuite } from '../../test/cards.suite';
import { assertValid, CARD_TRANSITIONS, statusAfter } from './card';

describe('files of cards in memory', () => cardFilesSuite(async () => new MemoryStore()));
describe('card platforms in memory', () => cardPlatformsSuite(async () => new MemoryStore()));
describe('cards in memory', () => cardsSuite(async () => new MemoryStore()));

const STATUSES = Object.keys(CARD_TRANSITIONS) as CardStatus[];
const CHANGES: readonly CardChange[] = [
  'activate',
  'report-lost',
  'find',
  'freeze',
  'unfreeze',
  'replace',
  'close',
  'expire',
];
/** Each status by each change, in the order of `CHANGES`; a dash is refused. */
const TABLE: Readonly<Record<CardStatus, string>> = {
  issued: 'active lost - - - - closed -',
  active: '- lost - frozen - replaced closed closed',
  lost: '- - active - - replaced closed closed',
  frozen: '- lost - - active replaced closed closed',
  replaced: '- - - - - - - -',
  closed: '- - - - - - - -',
};

test.each(STATUSES.flatMap((status) => CHANGES.map((change) => [status, change] as const)))(
  'a card that is %s goes where the table says by %s',
  (status, change) => {
    const expected = TABLE[status].split(' ')[CHANGES.indexOf(change)]!;
    if (expected !== '-') return expect(statusAfter(status, change)).toBe(expected);
    expect(() => statusAfter(status, change)).toThrow('CARD_NOT_CHANGEABLE');
  },
);

test('only an active card is valid; each other one says what to do instead', () => {
  const answers = STATUSES.map((status) => {
    try {
      assertValid(status);
      return [status, 'valid'];
    } catch (error) {
      const { code, details } = error as { code: string; details: { remedy: string } };
      expect(details.remedy).toMatch(/ID card|ID number/);
      return [status, code];
    }
  });
  expect(Object.fromEntries(answers)).toEqual({
    issued: 'CARD_NOT_VALID',
    active: 'valid',
    lost: 'CARD_NOT_VALID',
    frozen: 'CARD_NOT_VALID',
    replaced: 'CARD_REPLACED',
    closed: 'CARD_NOT_VALID',
  });
});
