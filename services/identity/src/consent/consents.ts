import {
  businessDateOf,
  type Consent,
  type ConsentAnswer,
  type ConsentPurpose,
  type ConsentSigned,
  type ConsentText,
  type ContractEvent,
  identityPersons,
  message,
} from '@caretab/contracts';
import { type Clock, derivedId, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import { consentTable, type ConsentRow } from './consent.table';
import { ConsentSignatures, type Signed } from './consent-signatures';
import { shownConsents } from './shown-consents';
import { textsOn } from './consent-texts';

/** Whose consent, by whom, where, and what proves it. */
export type Agreed = Pick<
  ConsentRow,
  'personId' | 'byPersonId' | 'channel' | 'institutionId' | 'operator' | 'evidence'
>;

/** A signature over what is taken back. */
export type RevocationSigned = ConsentSigned & { readonly purpose: ConsentPurpose };

/** Consents as evidence: rows that are only ever added. What is in force is the last of each purpose. */
export class Consents {
  readonly signatures: ConsentSignatures;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      /** That citizens' devices go by; `clock` where there is none. */
      readonly deviceClock?: Clock;
    },
  ) {
    this.signatures = new ConsentSignatures(parts.deviceClock ?? parts.clock);
  }

  /** What is asked for today, in both languages. */
  texts(): readonly ConsentText[] {
    return textsOn(businessDateOf(this.parts.clock.now().toISOString()));
  }

  /**
   * Keeps what was agreed to, by the hashes of the texts that were shown; what is in force already is
   * not kept twice. Where others have to agree too, it is kept and in force once they did. The caller
   * holds the person's row. Throws CONSENT_TEXT_OTHER (conflict): a hash is
   * of no text that is asked for today; and what ConsentSignatures throws of a signature.
   */
  async give(
    transaction: Transaction,
    { others = [], ...agreed }: Agreed & { readonly others?: readonly string[] },
    answers: readonly ConsentAnswer[],
  ): Promise<ReadonlySet<ConsentPurpose>> {
    const texts = this.texts();
    const before = await this.standing(transaction, agreed.personId);
    const inForce = new Set(before.inForce);
    const given: ConsentText[] = [];
    const awaiting: ConsentText[] = [];
    const signed = new Map<ConsentPurpose, Signed>();
    for (const [at, { purpose, hash, signature }] of answers.entries()) {
      const text = texts.find((one) => one.purpose === purpose && one.hash === hash);
      if (!text) throw new DomainError('CONSENT_TEXT_OTHER', 'conflict', { purpose });
      const signable = { ...text, ...agreed, given: true };
      const field = `/consents/${at}/signature`;
      if (signature)
        signed.set(
          purpose,
          await this.signatures.verified(transaction, signable, signature, field),
        );
      if (inForce.has(purpose)) continue;
      const agreeing = agreeingTo(text, before.rows);
      if (others.every((one) => agreeing.includes(one))) {
        inForce.add(purpose);
        given.push(text);
      } else if (!agreeing.includes(agreed.byPersonId)) awaiting.push(text);
    }
    await this.add(transaction, agreed, {
      texts: awaiting,
      signed,
      given: true,
      awaits: true,
      before,
    });
    await this.add(transaction, agreed, { texts: given, signed, given: true, before });
    return inForce;
  }

  /**
   * Takes consents back; of what is not in force nothing is kept. Without that to the service, or to
   * sensitive data, there is nothing left that the others are for: all are taken back. The caller holds
   * the person's row. Throws what ConsentSignatures throws of a signature.
   */
  async revoke(
    transaction: Transaction,
    agreed: Agreed,
    purposes: readonly ConsentPurpose[],
    signatures: readonly RevocationSigned[] = [],
  ): Promise<void> {
    const before = await this.standing(transaction, agreed.personId);
    const isAll = purposes.some((purpose) => NEEDED_OF_ALL.includes(purpose));
    const texts = before.rows.filter(
      ({ purpose }, index) =>
        (isAll || purposes.includes(purpose)) &&
        before.rows.findIndex((other) => other.purpose === purpose && other.given) === index &&
        (before.inForce.includes(purpose) ||
          agreeingTo(before.rows[index]!, before.rows).length > 0),
    );
    // Who was enrolled on paper has nothing here that could be taken back: what they say counts.
    const unrecorded = (isAll ? ALL : purposes).filter(
      (purpose) => !before.rows.some((row) => row.purpose === purpose),
    );
    const spoken = this.texts().filter(
      ({ purpose, language }) => language === 'zh' && unrecorded.includes(purpose),
    );
    const revoked = [...texts, ...spoken];
    const signed = await this.signedRevocations(transaction, agreed, { revoked, signatures });
    await this.add(transaction, agreed, { texts: revoked, signed, given: false, before });
  }

  /** Whether all that the service needs is in force. */
  isEnough(inForce: ReadonlySet<ConsentPurpose>): boolean {
    return this.texts().every(({ purpose, required }) => !required || inForce.has(purpose));
  }

  async inForce(transaction: Transaction, personId: string): Promise<readonly ConsentPurpose[]> {
    return (await this.standing(transaction, personId)).inForce;
  }

  /** How many consents of the person were kept. */
  revisionOf(transaction: Transaction, personId: string): Promise<number> {
    return transaction.rows(consentTable).count({ personId });
  }

  /** The evidence, the latest first. */
  async show(
    personId: string,
    within?: readonly Whose[],
  ): Promise<{
    readonly inForce: ConsentPurpose[];
    readonly texts: ConsentText[];
    readonly consents: Consent[];
  }> {
    const { store } = this.parts;
    const { inForce, rows } = await store.transact(
      (transaction) => this.standing(transaction, personId),
      { within },
    );
    // A guardian's key is the guardian's row: what it signed of this person is shown with it.
    const consents = await store.transact((transaction) => shownConsents(transaction, rows));
    return { inForce: [...inForce], texts: [...this.texts()], consents };
  }

  /** Of what is not in force nothing is kept, nor verified: sent again, it was kept before. */
  private async signedRevocations(
    transaction: Transaction,
    agreed: Agreed,
    {
      revoked,
      signatures,
    }: {
      readonly revoked: readonly ShownText[];
      readonly signatures: readonly RevocationSigned[];
    },
  ): Promise<ReadonlyMap<ConsentPurpose, Signed>> {
    const signed = new Map<ConsentPurpose, Signed>();
    for (const [at, { purpose, ...signature }] of signatures.entries()) {
      const text = revoked.find((one) => one.purpose === purpose);
      if (!text) continue;
      const { version, language, hash } = text;
      const signable = { ...agreed, purpose, version, language, hash, given: false };
      const field = `/signatures/${at}`;
      signed.set(purpose, await this.signatures.verified(transaction, signable, signature, field));
    }
    return signed;
  }

  private async add(
    transaction: Transaction,
    agreed: Agreed,
    {
      texts,
      signed,
      given,
      awaits = false,
      before,
    }: {
      readonly texts: readonly ShownText[];
      readonly signed: ReadonlyMap<ConsentPurpose, Signed>;
      readonly given: boolean;
      readonly awaits?: boolean;
      readonly before: Standing;
    },
  ): Promise<void> {
    if (texts.length === 0) return;
    const { clock, ids } = this.parts;
    const { personId } = agreed;
    const at = after(before.rows[0]?.at, clock.now());
    const rows = texts.map(({ purpose, version, language, hash }) => {
      const consentId = `c-${ids.next()}`;
      return { ...agreed, consentId, purpose, given, awaits, version, language, hash, at };
    });
    await transaction.rows(consentTable).insert(...rows);
    for (const { consentId, purpose } of rows) {
      const signature = signed.get(purpose);
      if (signature) await this.signatures.keep(transaction, { consentId, personId, ...signature });
    }
    if (awaits) return;
    const revoked = new Set(before.revoked);
    for (const { purpose } of texts)
      if (given) revoked.delete(purpose);
      else revoked.add(purpose);
    const isBanks = texts.some(({ purpose }) => purpose === 'bank');
    if (revoked.size === before.revoked.length && !isBanks) return;
    const inForce = new Set(before.inForce);
    for (const { purpose } of texts) inForce[given ? 'add' : 'delete'](purpose);
    const revision = await this.revisionOf(transaction, personId);
    transaction.publish(
      consentsChanged({
        ...{ personId, revision, changedAt: at.toISOString() },
        revoked: ALL.filter((purpose) => revoked.has(purpose)),
        given: ALL.filter((purpose) => inForce.has(purpose)),
      }),
    );
  }

  /** Of each purpose the last row counts. */
  private async standing(transaction: Transaction, personId: string): Promise<Standing> {
    const rows = await this.rows(transaction, personId);
    const last = new Map<ConsentPurpose, boolean>();
    for (const { purpose, given, awaits } of rows)
      if (!awaits && !last.has(purpose)) last.set(purpose, given);
    const that = (is: boolean) => ALL.filter((purpose) => last.get(purpose) === is);
    return { rows, inForce: that(true), revoked: that(false) };
  }

  private rows(transaction: Transaction, personId: string): Promise<ConsentRow[]> {
    return transaction
      .rows(consentTable)
      .find({ personId }, { orderBy: 'at', descending: true, countMax: ROWS_SHOWN });
  }
}

/** Who agreed to a version of a text since its purpose was last decided, and waits for another. */
const agreeingTo = (
  { purpose, version }: Pick<ConsentRow, 'purpose' | 'version'>,
  rows: readonly ConsentRow[],
): string[] => {
  const ofPurpose = rows.filter((row) => row.purpose === purpose);
  const decided = ofPurpose.findIndex(({ awaits }) => !awaits);
  return ofPurpose
    .slice(0, decided < 0 ? undefined : decided)
    .filter((row) => row.version === version)
    .map(({ byPersonId }) => byPersonId);
};

type ShownText = Pick<ConsentRow, 'purpose' | 'version' | 'language' | 'hash'>;

interface Standing {
  /** The latest first. */
  readonly rows: readonly ConsentRow[];
  readonly inForce: readonly ConsentPurpose[];
  readonly revoked: readonly ConsentPurpose[];
}

const ALL: readonly ConsentPurpose[] = [
  'service',
  'sensitive-data',
  'score',
  'bank',
  'debit-mandate',
];
const NEEDED_OF_ALL: readonly ConsentPurpose[] = ['service', 'sensitive-data'];

/** Of one person; beyond, only the latest count. */
const ROWS_SHOWN = 500;

/** Now, or just after the latest row where a clock was set back: which one is the last stays clear. */
const after = (latest: Date | undefined, now: Date): Date =>
  latest && latest >= now ? new Date(latest.getTime() + 1) : now;

const consentsChanged = (
  data: ContractEvent<typeof identityPersons, 'ConsentsChanged'>['data'],
) => {
  const { personId, revision, changedAt } = data;
  const id = derivedId('ConsentsChanged', personId, String(revision), changedAt);
  const time = new Date(changedAt);
  return message(identityPersons, 'ConsentsChanged', data, { id, time, source: 'identity' });
};
