import { isWithin, type Scope, type Subject } from '@caretab/access';
import type { Activation, ActivationBody, ActivationStatus, Frozen } from '@caretab/contracts';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import { maskMobile, readMobile } from '@caretab/security';
import type { Cursor, Store, Transaction } from '@caretab/store';
import type { Mobiles } from '../person/mobiles';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import {
  askedAgain,
  awaitsRegistry,
  codeGiven,
  registryAnswered,
  seenAtWindow,
  UNDER_WAY,
  VALID_MS,
} from './activation';
import { activationTable, type ActivationRow } from './activation.table';

export interface ActivationsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly persons: Persons;
  readonly mobiles: Mobiles;
  readonly vault: Pick<Vault, 'indexOf'>;
  /** Work is due: the job is woken. */
  readonly wake: () => void;
}

/** Who asks, and whose activations that one may see. */
export interface Asker {
  readonly subject: Subject;
  readonly scopes: readonly Scope[];
}

const PAGE_ROWS = 100;

/** A six-digit code is worth nothing as a plain digest: the key of indexes makes it one. */
export const codeHashOf = (
  vault: Pick<Vault, 'indexOf'>,
  activationId: string,
  code: string,
): string => vault.indexOf('activation-code', `${activationId}/${code}`);

const isStaff = ({ subject }: Asker): boolean => subject.roles.some(({ kind }) => kind === 'Desk');
const institutionOf = ({ subject }: Asker): string | null =>
  subject.roles.find(({ institution }) => institution !== undefined)?.institution ?? null;

const unknown = (activationId: string): DomainError =>
  new DomainError('ACTIVATION_UNKNOWN', 'not-found', { activationId });

/** What citizens, kiosks, windows and the registry say of activations. Each person has one under way. */
export class Activations {
  constructor(private readonly parts: ActivationsParts) {}

  /**
   * Begins, or goes on with what is under way. Throws what a registration throws of name, ID number and
   * mobile number; PERSON_UNKNOWN (not-found), PERSON_CONFLICT, ERASURE_UNDER_WAY (conflict).
   */
  async begin(
    given: Frozen<ActivationBody>,
    asker: Asker,
  ): Promise<{ readonly activation: Activation; readonly created: boolean }> {
    const { persons, store, clock, ids, mobiles } = this.parts;
    const personId = await persons.recognise(given);
    this.assertOwn(asker, { personId, institutionId: institutionOf(asker) });
    const begun = await store.transact(async (transaction) => {
      await persons.row(transaction, personId, 'wait');
      await persons.assertNotErased(transaction, personId);
      const rows = transaction.rows(activationTable);
      const at = clock.now();
      const by = {
        channel: given.channel,
        institutionId: institutionOf(asker),
        operator: asker.subject.id,
      };
      const offer = {
        sealedMobile: await mobiles.seal(transaction, personId, given.mobile),
        requestId: `r-${ids.next()}`,
        at,
      };
      const known = await rows.get({ personId, status: { in: UNDER_WAY } }, { lock: 'wait' });
      if (!known) {
        const activationId = `a-${ids.next()}`;
        const row = { ...fresh(activationId, personId, offer), ...by, purpose: given.purpose };
        await rows.insert(row);
        return { row, created: true };
      }
      const { isSame } = await this.offeredBefore(transaction, known, given.mobile);
      const changed = askedAgain(known, { ...offer, isSame, isStaff: isStaff(asker) });
      const row = { ...changed, ...by, lease: changed === known ? known.lease : known.lease + 1 };
      await rows.save(row);
      return { row, created: false };
    });
    this.parts.wake();
    return { activation: await this.shown(begun.row), created: begun.created };
  }

  /** Throws ACTIVATION_UNKNOWN (not-found), also of one that the asker may not see. */
  async show(activationId: string, asker: Asker): Promise<Activation> {
    return this.shown(
      await this.parts.store.transact((transaction) => this.own(transaction, activationId, asker)),
    );
  }

  /**
   * The code of the SMS. Throws ACTIVATION_UNKNOWN (not-found), CODE_NOT_AWAITED, CODE_WRONG (conflict).
   */
  async giveCode(activationId: string, code: string, asker: Asker): Promise<Activation> {
    const { store, clock, vault, mobiles } = this.parts;
    const { row, isRight } = await store.transact(async (transaction) => {
      // The person first, as in every change of a person.
      const { holderId } = await this.own(transaction, activationId, asker);
      await this.parts.persons.row(transaction, holderId, 'wait');
      const known = await this.own(transaction, activationId, asker, 'wait');
      const right = known.codeHash === codeHashOf(vault, activationId, code);
      const given = codeGiven(known, right, clock.now());
      if (right && known.sealedMobile)
        await mobiles.set(
          transaction,
          holderId,
          await mobiles.open(transaction, holderId, known.sealedMobile),
        );
      const next = { ...given, lease: known.lease + 1 };
      await transaction.rows(activationTable).save(next);
      return { row: next, isRight: right };
    });
    if (!isRight)
      throw new DomainError('CODE_WRONG', 'conflict', {
        remedy: row.codeHash === null ? 'ask for a further code' : 'read the SMS again',
      });
    return this.shown(row);
  }

  /** Throws ACTIVATION_UNKNOWN (not-found), ACTIVATION_MOVED_ON (conflict). */
  async confirm(
    personId: string,
    seen: { activationId: string; attempt: number; seenBy: string; approvedBy: string },
  ): Promise<Activation> {
    const { store, clock } = this.parts;
    const row = await store.transact(async (transaction) => {
      const rows = transaction.rows(activationTable);
      const { activationId } = seen;
      const known = await rows.get({ activationId, personId }, { lock: 'wait' });
      if (!known) throw unknown(activationId);
      const next = { ...seenAtWindow(known, seen, clock.now()), lease: known.lease + 1 };
      await rows.save(next);
      return next;
    });
    this.parts.wake();
    return this.shown(row);
  }

  /**
   * The registry's answer: the number that it has, or that it has none. The same again changes nothing.
   * Throws ACTIVATION_UNKNOWN (not-found) for an answer to no question of ours, or to an earlier one;
   * ANSWER_CONFLICT (conflict) for another answer than before.
   */
  async answered(requestId: string, registered: string | undefined): Promise<void> {
    const { store, clock, mobiles } = this.parts;
    await store.transact(async (transaction) => {
      const rows = transaction.rows(activationTable);
      const known = await rows.get({ requestId }, { lock: 'wait' });
      if (!known) throw new DomainError('ACTIVATION_UNKNOWN', 'not-found');
      const offeredMobile = known.sealedMobile
        ? await mobiles.open(transaction, known.holderId, known.sealedMobile)
        : undefined;
      // Of one that has ended nothing is left to compare with.
      if (offeredMobile === undefined && !awaitsRegistry(known)) return;
      const said = registered === undefined ? undefined : readable(registered);
      const answer =
        said === undefined ? 'unknown' : said === offeredMobile ? 'same' : ('differs' as const);
      const next = registryAnswered(known, answer, clock.now());
      if (next !== known) await rows.save({ ...next, lease: known.lease + 1 });
    });
    this.parts.wake();
  }

  /** A page of those in one state, the longest in it first. */
  async list(status: ActivationStatus, after: Cursor<ActivationRow> | undefined) {
    const { rows, next } = await this.parts.store.transact((transaction) =>
      transaction
        .rows(activationTable)
        .page({ status }, { orderBy: 'changedAt', countMax: PAGE_ROWS, after }),
    );
    return { activations: rows.map((row) => shownOf(row, undefined)), next };
  }

  private assertOwn(
    { scopes }: Asker,
    { personId, institutionId }: Pick<ActivationRow, 'personId' | 'institutionId'>,
  ): void {
    const thing = { person: personId, institution: institutionId ?? undefined };
    if (!isWithin(scopes, thing))
      throw new DomainError('ACCESS_FORBIDDEN', 'forbidden', { action: 'activations.begin' });
  }

  private async own(
    transaction: Transaction,
    activationId: string,
    { scopes }: Asker,
    lock?: 'wait',
  ): Promise<ActivationRow> {
    const row = await transaction.rows(activationTable).get({ activationId }, lock && { lock });
    const thing = row && { person: row.personId, institution: row.institutionId ?? undefined };
    if (!row || !isWithin(scopes, thing!)) throw unknown(activationId);
    return row;
  }

  private async offeredBefore(
    transaction: Transaction,
    { holderId, sealedMobile }: ActivationRow,
    mobile: string,
  ): Promise<{ readonly isSame: boolean }> {
    const before = sealedMobile
      ? await this.parts.mobiles.open(transaction, holderId, sealedMobile)
      : undefined;
    return { isSame: before === readMobile(mobile) };
  }

  private async shown(row: ActivationRow): Promise<Activation> {
    const { holderId, sealedMobile } = row;
    if (!sealedMobile) return shownOf(row, undefined);
    const mobile = await this.parts.store.transact((transaction) =>
      this.parts.mobiles.open(transaction, holderId, sealedMobile),
    );
    return shownOf(row, maskMobile(mobile));
  }
}

/** What cannot be read as a number is none. */
const readable = (mobile: string): string | undefined => {
  try {
    return readMobile(mobile);
  } catch {
    return undefined;
  }
};

const fresh = (
  activationId: string,
  personId: string,
  { at, ...offer }: { sealedMobile: Buffer; requestId: string; at: Date },
): Omit<ActivationRow, 'channel' | 'institutionId' | 'operator' | 'purpose'> => ({
  ...{ activationId, personId, holderId: personId, ...offer },
  ...{ status: 'asking-registry', reason: null, attempt: 1, registry: null, retries: 0 },
  ...{ codeHash: null, codeEndsAt: null, codesSent: 0, codeTries: 0, provenAt: null },
  ...{ seenBy: null, approvedBy: null, begunAt: at, changedAt: at, endedAt: null },
  ...{ nextAttemptAt: at, lease: 0 },
});

const shownOf = (row: ActivationRow, mobile: string | undefined): Activation => ({
  activationId: row.activationId,
  personId: row.personId,
  purpose: row.purpose,
  channel: row.channel,
  ...(row.institutionId !== null && { institutionId: row.institutionId }),
  status: row.status,
  ...(row.reason !== null && { reason: row.reason }),
  attempt: row.attempt,
  ...(mobile !== undefined && { mobile }),
  begunAt: row.begunAt,
  changedAt: row.changedAt,
  ...(row.endedAt && { endedAt: row.endedAt }),
});

/** Longer than any wait of an activation: a clock that was set back does not hold one up. */
export const WAIT_MAX_MS = VALID_MS;
