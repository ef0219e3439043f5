import { createHash } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { SecondFactor } from '../code/second-factor';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import type { CredentialDecoder, Decoded, DecodedHolder, IssuedCode } from './credential-decoder';
import { type DecodedCodeRow, decodedCodeTable } from './decoded-code.table';
import type { IssuedHolders } from './issued-holders';
import { decodedCounter } from './metrics';

/** How a code is shown, and by whom. */
export interface ShownIssued {
  readonly by: string;
  /** The hospital that it is shown at; absent: the platform's own desk. */
  readonly institutionId?: string | undefined;
  /** What it is shown for; the same again is the same. */
  readonly use?: string | undefined;
  /** Of a static code: the last four digits of the mobile number. */
  readonly mobileEnd?: string | undefined;
}

/** The published form of a static e-health card code; it may be shown again. */
const STATIC = /^[0-9a-f]{64}:1$/;
/** Issuers' codes are good for minutes. */
const KEPT_MS = 366 * 24 * 60 * 60_000;
const PRUNED_MAX = 1_000;

type Refusal = Exclude<Decoded['outcome'], 'decoded'>;
const NEW_CODE = 'ask the person for a new code, or take the ID card';
const at = (why: string, remedy = NEW_CODE) => ({ field: '/value', why, remedy });

const REFUSALS: Readonly<Record<Refusal, () => DomainError>> = {
  unknown: () => new DomainError('CODE_UNKNOWN', 'not-found', at('its issuer knows no such code')),
  expired: () =>
    new DomainError('CODE_EXPIRED', 'forbidden', at('its issuer says that it is no longer good')),
  used: () =>
    new DomainError('CODE_USED', 'forbidden', at('its issuer says that it was used before')),
  'other-institution': () =>
    new DomainError(
      'CODE_OF_ANOTHER_INSTITUTION',
      'forbidden',
      at('the code was made for another hospital'),
    ),
  silent: () =>
    new DomainError(
      'CODE_ISSUER_UNAVAILABLE',
      'unavailable',
      at(
        'the issuer of the code gave no answer that can be believed',
        'try again with the same code; where it stays so, take the ID card',
      ),
    ),
  unset: () =>
    new DomainError(
      'CODE_ISSUER_UNSET',
      'unprocessable',
      at('codes of this kind are decoded by no issuer here', 'take the ID card'),
    ),
};

/** Codes that others issue: decoded by their issuer, each good once at all doors together. */
export class DecodedCodes {
  private readonly second: SecondFactor;
  private readonly count = decodedCounter();

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly vault: Pick<Vault, 'indexOf'>;
      readonly persons: Persons;
      readonly holders: IssuedHolders;
      readonly decoder: CredentialDecoder;
    },
  ) {
    this.second = new SecondFactor(parts);
  }

  /**
   * Whose code it is. Throws CODE_UNKNOWN, PERSON_UNKNOWN (not-found), CODE_USED, CODE_EXPIRED,
   * CODE_OF_ANOTHER_INSTITUTION, CODE_HOLDER_DIFFERS, SECOND_FACTOR_NEEDED, SECOND_FACTOR_WRONG
   * (forbidden), CODE_ISSUER_UNSET (unprocessable), CODE_ISSUER_UNAVAILABLE (unavailable), never with
   * the code or what its issuer said.
   */
  async resolve(code: IssuedCode, shown: ShownIssued): Promise<string> {
    const tokenHash = this.hashOf(code);
    const isStatic = STATIC.test(code.token.trim());
    const known = isStatic ? undefined : await this.before(tokenHash, shown);
    if (known?.personId) return known.personId;
    const { holder, domains } = await this.decoded(code, tokenHash, shown);
    const personId = await this.parts.holders.find(holder, domains);
    if (isStatic) await this.second.check(tokenHash, personId, shown.mobileEnd);
    else await this.take({ tokenHash, personId }, shown);
    return personId;
  }

  /**
   * Who shows it, by name and ID number: for who is not registered yet. With the same mobile number it
   * is the same use. Throws as `resolve`; a static code shows no one here.
   */
  async holder(
    code: IssuedCode,
    { mobile, ...by }: Pick<ShownIssued, 'by' | 'institutionId'> & { readonly mobile: string },
  ): Promise<{ readonly name: string; readonly idNumber: string }> {
    const tokenHash = this.hashOf(code);
    if (STATIC.test(code.token.trim()))
      throw new DomainError('SECOND_FACTOR_NEEDED', 'forbidden', {
        field: '/credential/value',
        why: 'a static code alone does not show that the person is here',
        remedy: 'send name and ID number, or a code that is made for this moment',
      });
    const shown = { ...by, use: `activation ${this.parts.vault.indexOf('issued use', mobile)}` };
    await this.before(tokenHash, shown);
    const { holder } = await this.decoded(code, tokenHash, shown);
    const { name, idNumber } = holder;
    if (name === undefined || idNumber === undefined) throw REFUSALS.silent();
    await this.take({ tokenHash, personId: null }, shown);
    return { name, idNumber };
  }

  /** Forgets codes that no issuer takes for good any more. How many. */
  async prune(): Promise<number> {
    const until = new Date(this.parts.clock.now().getTime() - KEPT_MS);
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(decodedCodeTable);
      const where = { usedAt: { lte: until } };
      const old = await rows.find(where, { orderBy: 'usedAt', countMax: PRUNED_MAX });
      const tokenHash = { in: old.map((row) => row.tokenHash) };
      if (old.length > 0) await rows.delete({ tokenHash });
      return old.length;
    });
  }

  private hashOf({ kind, token }: IssuedCode): string {
    return this.parts.vault.indexOf(`issued ${kind}`, token.normalize('NFKC').trim());
  }

  private async before(tokenHash: string, shown: ShownIssued): Promise<DecodedCodeRow | undefined> {
    const row = await this.parts.store.transact((transaction) =>
      transaction.rows(decodedCodeTable).get({ tokenHash }),
    );
    if (row && !isSame(row, shown)) throw this.usedBefore(row, shown);
    return row;
  }

  private async decoded(
    { kind, token }: IssuedCode,
    tokenHash: string,
    { by, institutionId = '', use }: ShownIssued,
  ): Promise<{
    readonly holder: DecodedHolder;
    readonly domains: Extract<Decoded, { outcome: 'decoded' }>['domains'];
  }> {
    const { decoder } = this.parts;
    // What was lost on its way is asked again under the same id; another use is another question. That a
    // code without a use was shown before, our own row says.
    const requestId = createHash('sha256')
      .update(JSON.stringify([tokenHash, by, use]))
      .digest('hex');
    const decoded = await decoder.decode({
      ...{ requestId, kind, token: token.trim(), institutionId },
    });
    this.count(kind, decoded.outcome);
    if (decoded.outcome !== 'decoded') throw REFUSALS[decoded.outcome]();
    return decoded;
  }

  /** Of two who show it at once one takes it. */
  private async take(
    { tokenHash, personId }: Pick<DecodedCodeRow, 'tokenHash' | 'personId'>,
    shown: ShownIssued,
  ): Promise<void> {
    const { store, clock, persons } = this.parts;
    const row: DecodedCodeRow = {
      ...{ tokenHash, personId, usedAt: clock.now() },
      ...{ usedBy: shown.by, usedFor: shown.use ?? null },
    };
    await store.transact(async (transaction) => {
      const rows = transaction.rows(decodedCodeTable);
      // An erasure that begins meanwhile finds the row, or is seen here.
      if (personId !== null) {
        await persons.row(transaction, personId, 'wait');
        await persons.assertNotErased(transaction, personId);
      }
      if (await rows.insertIfAbsent(row)) return;
      const known = await rows.get({ tokenHash }, { lock: 'wait' });
      if (known && !isSame(known, shown)) throw this.usedBefore(known, shown);
    });
  }

  private usedBefore({ usedBy }: DecodedCodeRow, { by }: ShownIssued): DomainError {
    return new DomainError('CODE_USED', 'forbidden', {
      field: '/value',
      why: usedBy === by ? 'the code was shown here before' : 'the code was shown elsewhere',
      remedy: 'ask the person for a new code, or take the ID card',
    });
  }
}

const isSame = ({ usedBy, usedFor }: DecodedCodeRow, { by, use }: ShownIssued): boolean =>
  use !== undefined && usedBy === by && usedFor === use;
