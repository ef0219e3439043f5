import { DomainError } from '@caretab/kernel';
import type { CardChange, CardMedium, CardStatus } from '@caretab/contracts';

/** Where a card goes by each change; what is not named cannot be. */
export const CARD_TRANSITIONS: Readonly<
  Record<CardStatus, Readonly<Partial<Record<CardChange, CardStatus>>>>
> = {
  issued: { activate: 'active', 'report-lost': 'lost', close: 'closed' },
  active: {
    'report-lost': 'lost',
    freeze: 'frozen',
    replace: 'replaced',
    close: 'closed',
    expire: 'closed',
  },
  lost: { find: 'active', replace: 'replaced', close: 'closed', expire: 'closed' },
  frozen: {
    unfreeze: 'active',
    'report-lost': 'lost',
    replace: 'replaced',
    close: 'closed',
    expire: 'closed',
  },
  replaced: {},
  closed: {},
};

/** What makes a number valid again that was not: two persons decide it. */
export const NEEDS_TWO: ReadonlySet<CardChange> = new Set(['find', 'unfreeze']);

/** Throws CARD_NOT_CHANGEABLE (conflict): the card's status allows other changes. */
export const statusAfter = (status: CardStatus, change: CardChange): CardStatus => {
  const next = CARD_TRANSITIONS[status][change];
  if (next !== undefined) return next;
  const allowed = Object.keys(CARD_TRANSITIONS[status]);
  throw new DomainError('CARD_NOT_CHANGEABLE', 'conflict', {
    field: '/change',
    why: `a card that is ${status} cannot take this change`,
    remedy: allowed.length > 0 ? 'choose one of those that are allowed' : 'issue another card',
    allowed,
  });
};

/** Those that are still of use, or may be again. */
export const LASTING: readonly CardStatus[] = ['issued', 'active', 'lost', 'frozen'];

/** Under which a number is found; no card of one type is another's. */
export const credentialTypeOf = (medium: CardMedium): 'health-card' | 'qr' =>
  medium === 'code' ? 'qr' : 'health-card';

const INVALID: Readonly<
  Record<Exclude<CardStatus, 'active' | 'replaced'>, readonly [string, string]>
> = {
  issued: ['the card was not handed out yet', 'let a desk activate it, or take the ID card'],
  lost: [
    'the card was reported lost',
    'keep the card if another person shows it; take the ID card of its holder',
  ],
  frozen: ['the card is frozen', 'take the ID card; a desk says why and unfreezes it'],
  closed: ['the card is closed', 'take the ID card; a desk issues another card'],
};

/**
 * Throws CARD_REPLACED, CARD_NOT_VALID, PERSON_DIED (forbidden): its number leads to no one. What is
 * refused is the card, never the care.
 */
export const assertValid = (status: CardStatus, frozenByDeath = false): void => {
  if (status === 'active') return;
  if (status === 'replaced')
    throw new DomainError('CARD_REPLACED', 'forbidden', {
      field: '/value',
      why: 'the card was replaced by another one',
      remedy: 'ask for the new card, or take the ID card',
    });
  if (frozenByDeath)
    throw new DomainError('PERSON_DIED', 'forbidden', {
      field: '/value',
      why: 'the death of the card’s holder is recorded',
      remedy: 'take the ID card of who stands there; a desk takes back what is recorded wrongly',
    });
  const [why, remedy] = INVALID[status];
  throw new DomainError('CARD_NOT_VALID', 'forbidden', { field: '/value', why, remedy, status });
};

/** A child card is for those under seven (0 to 6). */
export const CHILD_YEARS = 7;

/** From this day on (YYYY-MM-DD) a child card's holder may have turned seven. It says a year alone. */
export const reviewDayOf = (birthDate: string): string =>
  `${Number(birthDate.slice(0, 4)) + CHILD_YEARS}-01-01`;
