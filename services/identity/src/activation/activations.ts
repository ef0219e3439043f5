import { isWithin } from '@caretab/access';
import type {
  Activation,
  ActivationBody,
  ActivationStatus,
  ConsentAnswer,
  Frozen,
} from '@caretab/contracts';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import { maskMobile, readMobile } from '@caretab/security';
import type { Cursor, Store, Transaction } from '@caretab/store';
import type { Consents } from '../consent/consents';
import { guardianWhoAgrees, othersNeeded } from '../guardianship/agreeing';
import { guardiansToday, isWardToday } from '../guardianship/wards';
import type { Mobiles } from '../person/mobiles';
import { assertAlive } from '../death/standing';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { UNDER_WAY } from './activation-state';
import { consentsGiven } from './opening';
import {
  askedAgain,
  awaitsRegistry,
  codeGiven,
  registryAnswered,
  seenAtWindow,
} from './activation';
import { activationTable, type ActivationRow } from './activation.table';
import { type Asker, institutionOf, isOwn, isStaff } from './asker';
import { fresh, readable, shownOf } from './activation-rows';

export interface ActivationsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly persons: Persons;
  readonly mobiles: Mobiles;
  readonly vault: Pick<Vault, 'indexOf'>;
  readonly consents: Consents;
  /** Work is due: the job is woken. */
  readonly wake: () => void;
}

/** Who it is by name and ID number, said or decoded. */
export type Factors = Frozen<Exclude<ActivationBody, { readonly credential: unknown }>>;

const PAGE_ROWS = 100;

/** A six-digit code is worth nothing as a plain digest: the key of indexes makes it one. */
export const codeHashOf = (
  vault: Pick<Vault, 'indexOf'>,
  activationId: string,
  code: string,
): string => vault.indexOf('activation-code', `${activationId}/${code}`);

const unknown = (activationId: string): DomainError =>
  new DomainError('ACTIVATION_UNKNOWN', 'not-found', { activationId });

/** What citizens, kiosks, windows and the registry say of activations. Each person has one under way. */
export class Activations {
  constructor(private readonly parts: ActivationsParts) {}

  /**
   * Begins, or goes on with what is under way. Throws what a registration throws of name, ID number and
   * mobile number; PERSON_UNKNOWN (not-found), PERSON_CONFLICT, ERASURE_UNDER_WAY, PERSON_DIED
   * (conflict).
   */
  async begin(
    given: Factors,
    asker: Asker,
  ): Promise<{ readonly activation: Activation; readonly created: boolean }> {
    const { persons, store, clock, ids, mobiles } = this.parts;
    const { purpose, name, idNumber, mobile: offeredMobile } = given;
    const factors = { name, idNumber, mobile: offeredMobile };
    const personId =
      purpose === 'service'
        ? (await persons.register(factors)).personId
        : await persons.recognise(factors);
    this.assertOwn(asker, { personId, institutionId: institutionOf(asker) });
    const begun = await store.transact(async (transaction) => {
      await persons.row(transaction, personId, 'wait');
      await persons.assertNotErased(transaction, personId);
      const holderId = await this.holderOf(transaction, personId);
      await assertAlive(transaction, personId, holderId);
      const rows = transaction.rows(activationTable);
      const at = clock.now();
      const by = {
        channel: given.channel,
        institutionId: institutionOf(asker),
        operator: asker.subject.id,
      };
      const offer = {
        sealedMobile: await mobiles.seal(transaction, holderId, given.mobile),
        requestId: `r-${ids.next()}`,
        at,
      };
      const known = await rows.get({ personId, status: { in: UNDER_WAY } }, { lock: 'wait' });
      if (!known) {
        const activationId = `a-${ids.next()}`;
        const row = { ...fresh(activationId, { personId, holderId }, offer), ...by, purpose };
        await rows.insert(row);
        return { row, created: true };
      }
      const { isSame } = await this.offeredBefore(transaction, known, given.mobile);
      const who = { isStaff: isStaff(asker), isOwn: isOwn(asker) };
      const changed = askedAgain(known, { ...offer, ...who, isSame });
      const row = {
        ...{ ...changed, ...by },
        ...{ purpose: known.purpose === 'service' ? known.purpose : purpose },
        ...{ lease: changed === known ? known.lease : known.lease + 1 },
      };
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
      this.parts.wake();
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

  /**
   * What the citizen, or a guardian of a ward, agrees to; what is required opens the service. Throws
   * ACTIVATION_UNKNOWN (not-found), CONSENT_NOT_AWAITED, CONSENT_TEXT_OTHER, GUARDIAN_NEEDED
   * (conflict).
   */
  async giveConsents(
    activationId: string,
    answers: readonly ConsentAnswer[],
    asker: Asker & { readonly guardianId?: string | undefined },
  ): Promise<Activation> {
    const { store, clock, consents, persons } = this.parts;
    const row = await store.transact(async (transaction) => {
      const { personId } = await this.own(transaction, activationId, asker);
      await persons.row(transaction, personId, 'wait');
      const known = await this.own(transaction, activationId, asker, 'wait');
      if (known.status !== 'awaiting-consents')
        throw new DomainError('CONSENT_NOT_AWAITED', 'conflict', { activationId });
      const { holderId, channel, institutionId } = known;
      const guardians = await guardiansToday(transaction, persons, personId);
      const byPersonId = guardianWhoAgrees(personId, guardians, asker) ?? holderId;
      const agreed = {
        ...{ personId, byPersonId, channel, institutionId, operator: asker.subject.id },
        ...{ evidence: `activation ${activationId}`, others: othersNeeded(guardians, byPersonId) },
      };
      const inForce = await consents.give(transaction, agreed, answers);
      if (!consents.isEnough(inForce)) return known;
      const next = { ...consentsGiven(known, clock.now()), lease: known.lease + 1 };
      await transaction.rows(activationTable).save(next);
      return next;
    });
    this.parts.wake();
    return this.shown(row);
  }

  /** Throws ACTIVATION_UNKNOWN (not-found), ACTIVATION_MOVED_ON (conflict). */
  async confirm(
    personId: string,
    seen: Parameters<typeof seenAtWindow>[1] & { readonly activationId: string },
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

  /** Whose number it is: a ward's is the first guardian's. Throws GUARDIAN_NEEDED (conflict). */
  private async holderOf(transaction: Transaction, personId: string): Promise<string> {
    const { persons } = this.parts;
    if (!(await isWardToday(transaction, persons, personId))) return personId;
    const [guardian] = await guardiansToday(transaction, persons, personId);
    if (!guardian) throw new DomainError('GUARDIAN_NEEDED', 'conflict', { personId });
    return guardian.guardianId;
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

  /** Whether it is the number that is under way, or was proven. */
  private async offeredBefore(
    transaction: Transaction,
    { holderId, sealedMobile, provenAt }: ActivationRow,
    mobile: string,
  ): Promise<{ readonly isSame: boolean }> {
    const { mobiles, persons } = this.parts;
    const proven = provenAt ? (await persons.read(transaction, holderId)).mobile : undefined;
    const before = sealedMobile ? await mobiles.open(transaction, holderId, sealedMobile) : proven;
    return { isSame: before === readMobile(mobile) };
  }

  private async shown(row: ActivationRow): Promise<Activation> {
    const { holderId, sealedMobile } = row;
    const awaits =
      row.status === 'awaiting-consents' ? [...this.parts.consents.texts()] : undefined;
    if (!sealedMobile) return { ...shownOf(row, undefined), ...(awaits && { awaits }) };
    const mobile = await this.parts.store.transact((transaction) =>
      this.parts.mobiles.open(transaction, holderId, sealedMobile),
    );
    return shownOf(row, maskMobile(mobile));
  }
}
