import type { CardFileKind, CardFileRowOf } from '@caretab/contracts';
import { businessDateOf } from '@caretab/contracts';
import { type Clock, derivedId, DomainError, readIdNumber } from '@caretab/kernel';
import { readName } from '@caretab/security';
import type { Transaction } from '@caretab/store';
import { assertSameName, type PersonalData } from '../person/personal-data';
import { identifierTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import type { CardIssues, Issued } from './card-issues';
import type { CardMoves, OwnChange } from './card-moves';
import { type CardOperationRow, cardOperationTable } from './card-operation.table';
import type { CardRows } from './card-rows';
import { type CardAsker, isNoOnes, isWithinScope } from './card-scope';
import { cardTable, type CardRow } from './card.table';
import type { ToldResidents } from './told-residents';

/** What became of a row: nothing more to say, or why it was not taken. */
export type Taken = DomainError | undefined;
/** Says what rows are, that are each of another person and another card. */
type Effect<Kind extends CardFileKind> = (
  transaction: Transaction,
  rows: readonly CardFileRowOf<Kind>[],
  asker: CardAsker,
) => Promise<Taken[]>;

interface Changed {
  readonly number: string;
  readonly change: OwnChange;
  readonly why: string;
}

/** A clock elsewhere may be so far ahead of ours. */
const AHEAD_MS = 5 * 60_000;

/** What card platforms say of cards takes effect here: one row of a request, or many of a file. */
export class CardEffects {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly persons: Persons;
      readonly rows: CardRows;
      readonly issues: CardIssues;
      readonly moves: CardMoves;
      readonly residents: ToldResidents;
    },
  ) {}

  /** By the kind of the row. */
  readonly of: { readonly [Kind in CardFileKind]: Effect<Kind> } = {
    cards: async (transaction, rows, asker) =>
      (await this.issueAll(transaction, rows, asker)).map(faultIn),
    blacklist: async (transaction, rows, asker) =>
      (await this.changeAll(transaction, rows, asker)).map(faultIn),
    whitelist: async (transaction, rows, asker) => {
      const wanted = rows.map(({ number }) => ({ number, ...HANDED_OUT }));
      return (await this.changeAll(transaction, wanted, asker)).map(faultIn);
    },
    residents: (transaction, rows, asker) => this.parts.residents.tellAll(transaction, rows, asker),
    operations: (transaction, rows, asker) => this.log(transaction, rows, asker),
  };

  /** Cards by their numbers; undefined where there is none that the asker speaks for. */
  async find(
    transaction: Transaction,
    numbers: readonly string[],
    { scope }: CardAsker,
  ): Promise<(CardRow | undefined)[]> {
    const indexes = numbers.map((number) => this.parts.persons.credentialIndex('physical', number));
    const cards = await transaction.rows(cardTable).find({ blindIndex: { in: indexes } });
    const own = new Map(
      cards.filter((card) => isWithinScope(scope, card)).map((card) => [card.blindIndex, card]),
    );
    return indexes.map((index) => own.get(index));
  }

  async changeAll(
    transaction: Transaction,
    wanted: readonly Changed[],
    asker: CardAsker,
  ): Promise<(CardRow | DomainError)[]> {
    const cards = await this.find(
      transaction,
      wanted.map(({ number }) => number),
      asker,
    );
    const known = wanted.flatMap(({ change, why }, at) => {
      const card = cards[at];
      // A city confirms that a card is valid: nothing changes then.
      if (!card || (change === 'activate' && card.status === 'active')) return [];
      const { personId, cardId } = card;
      return [{ at, personId, cardId, change, moved: { by: asker.by, why } }];
    });
    const changed = await this.parts.moves.changeAll(transaction, known);
    const outcomes = new Map(known.map(({ at }, index) => [at, changed[index]!]));
    return cards.map((card, at) => outcomes.get(at) ?? card ?? unknownCard());
  }

  /** Cards of registered persons whose name is said, too. */
  async issueAll(
    transaction: Transaction,
    rows: readonly CardFileRowOf<'cards'>[],
    asker: CardAsker,
  ): Promise<(Issued | DomainError)[]> {
    const indexes = rows.map(({ idNumber }) => this.indexOf(idNumber));
    const blindIndex = { in: indexes.filter((index) => typeof index === 'string') };
    const found = await transaction.rows(identifierTable).find({ blindIndex });
    const owners = new Map(found.map((row) => [row.blindIndex, row.personId]));
    const { by, scope } = asker;
    const asked = rows.flatMap(({ name, medium, number, child, office }, at) => {
      const index = indexes[at]!;
      const personId = typeof index === 'string' ? owners.get(index) : undefined;
      if (personId === undefined) return [];
      const issue = { medium, number, child, mode: 'platform', by, ...scope, office } as const;
      const check = (known: PersonalData) => assertSameName(known, readName(name));
      return [{ at, personId, issue, check }];
    });
    const issued = await this.claimed(
      transaction,
      await this.parts.issues.issueAll(transaction, asked),
      asker,
    );
    const outcomes = new Map(asked.map(({ at }, index) => [at, issued[index]!]));
    return indexes.map(
      (index, at) => outcomes.get(at) ?? (typeof index === 'string' ? unknownPerson() : index),
    );
  }

  /** A card that was known already is the asker's from now on, where it was no one's. */
  private async claimed(
    transaction: Transaction,
    issued: readonly (Issued | DomainError)[],
    { by, scope }: CardAsker,
  ): Promise<(Issued | DomainError)[]> {
    const { region = null, institutionId = null } = scope;
    const isOne = region !== null || institutionId !== null;
    const mine: CardRow[] = [];
    const outcomes = issued.map((one) => {
      if (one instanceof DomainError || one.created || isWithinScope(scope, one.card)) return one;
      if (!isNoOnes(one.card)) return another();
      const card = { ...one.card, region, institutionId };
      mine.push(card);
      return { ...one, card };
    });
    if (isOne) await this.parts.rows.modifyAll(transaction, mine, by);
    return outcomes;
  }

  /** What was done with cards elsewhere: each operation counts once. */
  private async log(
    transaction: Transaction,
    rows: readonly CardFileRowOf<'operations'>[],
    asker: CardAsker,
  ): Promise<Taken[]> {
    const latest = this.parts.clock.now().getTime() + AHEAD_MS;
    const cards = await this.find(
      transaction,
      rows.map(({ number }) => number),
      asker,
    );
    const outcomes = rows.map(({ operation, at }, index): CardOperationRow | DomainError => {
      const card = cards[index];
      if (!card) return unknownCard();
      if (Date.parse(at) > latest) return inFuture();
      const instant = new Date(at);
      return {
        operationId: derivedId('card operation', card.cardId, operation, instant.toISOString()),
        ...{ cardId: card.cardId, operation, at: instant },
        day: businessDateOf(instant.toISOString()),
        ...{ region: card.region, institutionId: card.institutionId },
      };
    });
    const taken = outcomes.flatMap((one) => (one instanceof DomainError ? [] : [one]));
    if (taken.length > 0) await transaction.rows(cardOperationTable).insertAllAbsent(taken);
    return outcomes.map((one) => (one instanceof DomainError ? one : undefined));
  }

  private indexOf(idNumber: string): string | DomainError {
    const { persons } = this.parts;
    try {
      return persons.idNumberIndex(readIdNumber(idNumber, persons.today()).value);
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }
}

const HANDED_OUT = { change: 'activate', why: 'on the white list of its issuer' } as const;

const faultIn = (outcome: object): Taken => (outcome instanceof DomainError ? outcome : undefined);

const unknownCard = (): DomainError =>
  new DomainError('CARD_UNKNOWN', 'not-found', {
    field: '/number',
    why: 'no card of yours has this number',
    remedy: 'check the number, or register the card first',
  });

const unknownPerson = (): DomainError =>
  new DomainError('PERSON_UNKNOWN', 'not-found', {
    field: '/idNumber',
    why: 'no person is registered by this ID number',
    remedy: 'send the resident first',
  });

const another = (): DomainError =>
  new DomainError('CARD_CONFLICT', 'conflict', {
    field: '/number',
    why: 'the card is another issuer’s',
    remedy: 'check the number; the issuer alone speaks for the card',
  });

const inFuture = (): DomainError =>
  new DomainError('REQUEST_INVALID', 'invalid', {
    field: '/at',
    why: 'it lies in the future',
    remedy: 'check the clock of the terminal',
  });
