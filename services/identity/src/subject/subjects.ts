import { kindsHeldTogether, type Role, roleFault, thumbprintOf } from '@caretab/access';
import { type Clock, DomainError } from '@caretab/kernel';
import { base32, passwordHash, type Randomness, seal, type SealingKeys } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import { totpOf } from '../sign-in/sealed-tables';
import { credentialTable, type SubjectRow, subjectTable } from './subject.table';

/** A public key as it is handed in (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

export interface SubjectDetails {
  readonly roles: readonly Role[];
  /** With these it signs what it asks for tokens with; those it had and that are left out end. */
  readonly publicKeys?: readonly PublicKey[];
  /** The other person who approved it. */
  readonly approvedBy?: string | undefined;
}

export interface KnownSubject {
  readonly subjectId: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly removedAt?: Date;
  readonly hasPassword: boolean;
  readonly keys: readonly {
    readonly keyId: string;
    readonly madeAt: Date;
    readonly usedAt?: Date;
  }[];
}

/** How a person signs in, shown this once. */
export interface NewSignIn {
  readonly password: string;
  /** For an authenticator app (otpauth://…). */
  readonly totpUri: string;
}

interface Parts {
  readonly store: Store;
  /** The machine's: tokens are compared with the machines of others. */
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly sealingKeys: SealingKeys;
}

const PASSWORD_BYTES = 18;
/** RFC 4226 recommends 160 bits. */
const TOTP_BYTES = 20;
const KEYS_MAX = 5;

const checkRoles = (roles: readonly Role[]): void => {
  const faults = roles.flatMap((role, index) => {
    const why = roleFault(role);
    return why === undefined ? [] : { field: `/roles/${index}`, why };
  });
  if (faults.length > 0) throw new DomainError('REQUEST_INVALID', 'invalid', { faults });
  const held = kindsHeldTogether(roles);
  if (held.length > 0)
    throw new DomainError('ROLES_APART', 'conflict', {
      field: '/roles',
      why: `one person is not ${held.join(' and ')}`,
      remedy: 'give them to different people',
    });
};

/** A person would sign in as a machine, without a second factor. */
const bothWays = (subjectId: string): DomainError =>
  new DomainError('SIGN_IN_APART', 'conflict', {
    subjectId,
    why: 'a person signs in with password and code, a machine with its key, and none with both',
    remedy: 'register the machine under a name of its own',
  });

/** Staff and machines that may sign in, and what with. */
export class Subjects {
  constructor(private readonly parts: Parts) {}

  /**
   * Registers a subject or gives it other roles and keys; then its tokens of before are void. Whether
   * it is new. Throws REQUEST_INVALID (invalid), ROLES_APART, KEY_TAKEN, SIGN_IN_APART,
   * APPROVAL_NEEDED (conflict).
   */
  async put(subjectId: string, details: SubjectDetails): Promise<boolean> {
    const { roles, publicKeys, approvedBy } = details;
    checkRoles(roles);
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      await this.mustBeApproved(transaction, approvedBy);
      const rows = transaction.rows(subjectTable);
      const known = await rows.get({ subjectId }, { lock: 'wait' });
      const row = known ? { ...known, voidBefore: now } : this.fresh(subjectId);
      if (publicKeys?.length && row.passwordHash !== null) throw bothWays(subjectId);
      await rows.save({ ...row, roles, removedAt: null });
      if (publicKeys) await this.keepKeys(transaction, subjectId, publicKeys);
      return !known;
    });
  }

  /**
   * A new password and one-time codes; sessions of before end. Throws SUBJECT_UNKNOWN (not-found),
   * APPROVAL_NEEDED, SIGN_IN_APART (conflict).
   */
  async renewSignIn(subjectId: string, approvedBy?: string): Promise<NewSignIn> {
    const password = this.parts.randomness(PASSWORD_BYTES).toString('base64url');
    const secret = this.parts.randomness(TOTP_BYTES);
    const hash = await passwordHash(password, this.parts.randomness);
    const now = this.parts.clock.now();
    await this.change(subjectId, async (row, transaction) => {
      await this.mustBeApproved(transaction, approvedBy);
      const keys = await transaction.rows(credentialTable).count({ subjectId, kind: 'public-key' });
      if (keys > 0) throw bothWays(subjectId);
      await this.endSessions(transaction, subjectId);
      return {
        ...row,
        passwordHash: hash,
        totp: seal(this.parts.sealingKeys, secret, totpOf(subjectId), this.parts.randomness),
        totpStep: 0,
        failures: 0,
        lockedUntil: null,
        voidBefore: now,
      };
    });
    return {
      password,
      totpUri: `otpauth://totp/CareTab:${subjectId}?secret=${base32(secret)}&issuer=CareTab`,
    };
  }

  /**
   * Ends what it signs in with and its tokens. Throws SUBJECT_UNKNOWN (not-found), SUBJECT_NEEDED
   * (conflict) of the last one who could approve that others come.
   */
  async remove(subjectId: string): Promise<void> {
    const now = this.parts.clock.now();
    await this.change(subjectId, async (row, transaction) => {
      // Locked, so that the last two do not go at once.
      const approvers = await this.approvers(transaction, { lock: 'wait' });
      if (approvers.length === 1 && approvers[0]!.subjectId === subjectId)
        throw new DomainError('SUBJECT_NEEDED', 'conflict', {
          subjectId,
          why: 'it is the last security administrator with a sign-in',
          remedy: 'register another one first',
        });
      await transaction.rows(credentialTable).delete({ subjectId });
      return { ...row, ...{ removedAt: now, voidBefore: now, passwordHash: null, totp: null } };
    });
  }

  /** All that there are, removed ones too, by id. */
  async list(): Promise<KnownSubject[]> {
    return this.parts.store.transact(async (transaction) => {
      const rows = await transaction.rows(subjectTable).find({}, { orderBy: 'subjectId' });
      const keys = await transaction.rows(credentialTable).find({ kind: 'public-key' });
      return rows.map((row) => ({
        subjectId: row.subjectId,
        roles: row.roles,
        createdAt: row.createdAt,
        ...(row.removedAt && { removedAt: row.removedAt }),
        hasPassword: row.passwordHash !== null,
        keys: keys
          .filter(({ subjectId }) => subjectId === row.subjectId)
          .map(({ credentialId: keyId, madeAt, usedAt }) => ({
            ...{ keyId, madeAt },
            ...(usedAt && { usedAt }),
          })),
      }));
    });
  }

  /** Subjects whose tokens of before a moment are void; moments of the last `lastMs` alone. */
  async voidFor(lastMs: number): Promise<{ readonly subject: string; readonly before: Date }[]> {
    const since = new Date(this.parts.clock.now().getTime() - lastMs);
    const rows = await this.parts.store.transact((transaction) =>
      transaction.rows(subjectTable).find({ voidBefore: { gt: since } }),
    );
    return rows.map(({ subjectId, voidBefore }) => ({ subject: subjectId, before: voidBefore! }));
  }

  /** Until there is someone who could approve it, the first staff are registered without. */
  private async mustBeApproved(
    transaction: Transaction,
    approvedBy: string | undefined,
  ): Promise<void> {
    if (approvedBy === undefined && (await this.approvers(transaction)).length > 0)
      throw new DomainError('APPROVAL_NEEDED', 'conflict');
  }

  /** Security administrators who can sign in. */
  private async approvers(
    transaction: Transaction,
    options: { readonly lock?: 'wait' } = {},
  ): Promise<readonly SubjectRow[]> {
    const rows = await transaction.rows(subjectTable).find({}, options);
    return rows.filter(
      ({ removedAt, passwordHash, roles }) =>
        !removedAt && passwordHash && roles.some(({ kind }) => kind === 'SecurityAdmin'),
    );
  }

  private fresh(subjectId: string): SubjectRow {
    return {
      ...{ subjectId, roles: [], createdAt: this.parts.clock.now(), removedAt: null },
      ...{ voidBefore: null, passwordHash: null, totp: null, totpStep: 0 },
      ...{ failures: 0, lockedUntil: null },
    };
  }

  private async change(
    subjectId: string,
    to: (row: SubjectRow, transaction: Transaction) => Promise<SubjectRow>,
  ): Promise<void> {
    await this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(subjectTable);
      const row = await rows.get({ subjectId }, { lock: 'wait' });
      if (!row || row.removedAt)
        throw new DomainError('SUBJECT_UNKNOWN', 'not-found', { subjectId });
      await rows.save(await to(row, transaction));
    });
  }

  private endSessions(transaction: Transaction, subjectId: string): Promise<void> {
    return transaction.rows(credentialTable).delete({ subjectId, kind: 'session' });
  }

  private async keepKeys(
    transaction: Transaction,
    subjectId: string,
    publicKeys: readonly PublicKey[],
  ): Promise<void> {
    if (publicKeys.length > KEYS_MAX)
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [{ field: '/publicKeys', why: `there are more than ${KEYS_MAX}` }],
      });
    const rows = transaction.rows(credentialTable);
    const known = await rows.find({ subjectId, kind: 'public-key' });
    const wanted = new Map(publicKeys.map((key) => [thumbprintOf(key), key]));
    for (const { credentialId } of known)
      if (!wanted.has(credentialId)) await rows.delete({ credentialId });
    for (const [credentialId, publicJwk] of wanted)
      if (!known.some((each) => each.credentialId === credentialId)) {
        const isFree = await rows.insertIfAbsent({
          ...{ credentialId, subjectId, kind: 'public-key', amr: ['swk'] },
          publicJwk: { ...publicJwk },
          ...{ madeAt: this.parts.clock.now(), endsAt: null, usedAt: null },
        });
        if (!isFree) throw new DomainError('KEY_TAKEN', 'conflict', { field: '/publicKeys' });
      }
  }
}
