import { createHash } from 'node:crypto';
import type { Role } from '@caretab/access';
import { type Clock, DomainError } from '@caretab/kernel';
import { isPassword, open, type Randomness, stepOfCode, type SealingKeys } from '@caretab/security';
import type { Store, Transaction } from '@caretab/store';
import { totpOf } from './sealed-tables';
import { credentialTable, type SubjectRow, subjectTable } from '../subject/subject.table';

/** Who signed in, and how (RFC 8176). */
export interface SignedIn {
  readonly subjectId: string;
  readonly roles: readonly Role[];
  readonly amr: readonly string[];
}

/** A hash of the session's secret names it; its tokens carry that. */
export interface Session {
  readonly sessionId: string;
}

export interface Parts {
  readonly store: Store;
  /** The machine's: codes and tokens are compared with the machines of others. */
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly sealingKeys: SealingKeys;
}

const FAILURES_MAX = 5;
const LOCKED_MS = 15 * 60_000;
/** A person works for a shift without signing in again. */
const SESSION_MS = 12 * 60 * 60_000;
/** Longer than a token lives: until then it is listed as void. */
const ENDED_KEPT_MS = 15 * 60_000;
const SECRET_BYTES = 32;
/** Each takes 32 MiB and a thread: a flood of guesses must not take the process. */
const AT_ONCE_MAX = 2;
const USED_AGAIN_MS = 60_000;

/** One answer for all of them: who exists, what was wrong and what is locked do not show. */
const refused = (): DomainError =>
  new DomainError('SIGN_IN_REFUSED', 'unauthenticated', {
    why: 'name, password or one-time code is wrong, or there were too many failures',
    remedy: `after ${FAILURES_MAX} failures wait ${LOCKED_MS / 60_000} minutes`,
  });

const sessionId = (secret: string): string =>
  createHash('sha256').update(`caretab session ${secret}`).digest('base64url');

/** Finds who signs in. Throws SIGN_IN_REFUSED (unauthenticated). */
export class SignIns {
  private atOnce = 0;

  constructor(private readonly parts: Parts) {}

  /** By password and one-time code. Throws OVERLOADED (overloaded) besides. */
  async byPassword(subjectId: string, password: string, code: string): Promise<SignedIn> {
    const row = await this.rowOf(subjectId);
    if (this.atOnce >= AT_ONCE_MAX)
      throw new DomainError('OVERLOADED', 'overloaded', { retryAfterSeconds: 1 });
    this.atOnce++;
    const isRight = await isPassword(password, row?.passwordHash ?? null).finally(
      () => void this.atOnce--,
    );
    if (!row) throw refused();
    const after = await this.counted(subjectId, isRight, code);
    if (!after) throw refused();
    return { subjectId, roles: after.roles, amr: ['pwd', 'otp', 'mfa'] };
  }

  /** Keeps who signed in for a shift; gives the session with its secret. */
  async begin({ subjectId, amr }: SignedIn): Promise<Session & { readonly secret: string }> {
    const secret = this.parts.randomness(SECRET_BYTES).toString('base64url');
    const credentialId = sessionId(secret);
    const now = this.parts.clock.now();
    await this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(credentialTable);
      await rows.delete({ endsAt: { lte: new Date(now.getTime() - ENDED_KEPT_MS) } });
      await rows.insert({
        ...{ credentialId, subjectId, kind: 'session', publicJwk: null, amr },
        ...{ madeAt: now, endsAt: new Date(now.getTime() + SESSION_MS), usedAt: null },
      });
    });
    return { secret, sessionId: credentialId };
  }

  async bySession(secret: string): Promise<SignedIn & Session> {
    const id = sessionId(secret);
    const signedIn = await this.used(id, 'session');
    if (!signedIn) throw refused();
    return { ...signedIn, sessionId: id };
  }

  /** The session ends, with the tokens that it got; one that there is not has ended. */
  async end(secret: string): Promise<void> {
    const now = this.parts.clock.now();
    const where = { credentialId: sessionId(secret), endsAt: { gt: now } };
    await this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(credentialTable);
      if (await rows.get(where, { lock: 'wait' })) await rows.update(where, { endsAt: now });
    });
  }

  /** Sessions that ended in the last `lastMs`: tokens that they got before are void. */
  async voidFor(lastMs: number): Promise<{ readonly subject: string; readonly before: Date }[]> {
    const now = this.parts.clock.now();
    const since = { endsAt: { gt: new Date(now.getTime() - lastMs) } };
    const rows = await this.parts.store.transact((transaction) =>
      transaction.rows(credentialTable).find({ kind: 'session', ...since }),
    );
    return rows
      .filter(({ endsAt }) => endsAt! <= now)
      .map(({ credentialId, endsAt }) => ({ subject: credentialId, before: endsAt! }));
  }

  /** Whose public key it is, and that it was used. */
  async byKey(keyId: string): Promise<SignedIn & { readonly publicJwk: object }> {
    const signedIn = await this.used(keyId, 'public-key');
    if (!signedIn?.publicJwk) throw refused();
    return { ...signedIn, publicJwk: signedIn.publicJwk };
  }

  private rowOf(subjectId: string): Promise<SubjectRow | undefined> {
    return this.parts.store.transact((transaction) =>
      transaction.rows(subjectTable).get({ subjectId }),
    );
  }

  /** Counts a failure, or takes the code; the subject where both were right and it is not locked. */
  private counted(
    subjectId: string,
    isRight: boolean,
    code: string,
  ): Promise<SubjectRow | undefined> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(subjectTable);
      const row = await rows.get({ subjectId }, { lock: 'wait' });
      if (!row?.totp || (row.lockedUntil && row.lockedUntil > now)) return undefined;
      const secret = open(this.parts.sealingKeys, row.totp, totpOf(subjectId));
      const step = stepOfCode(secret, code, { now, after: row.totpStep });
      if (isRight && step !== undefined) {
        await rows.save({ ...row, totpStep: step, failures: 0, lockedUntil: null });
        return row;
      }
      const failures = row.failures + 1;
      const isLocked = failures >= FAILURES_MAX;
      await rows.save({
        ...row,
        failures: isLocked ? 0 : failures,
        lockedUntil: isLocked ? new Date(now.getTime() + LOCKED_MS) : null,
      });
      return undefined;
    });
  }

  private used(
    credentialId: string,
    kind: 'session' | 'public-key',
  ): Promise<(SignedIn & { readonly publicJwk: object | null }) | undefined> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(credentialTable).get({ credentialId, kind });
      if (!row || (row.endsAt && row.endsAt <= now)) return undefined;
      const subject = await transaction.rows(subjectTable).get({ subjectId: row.subjectId });
      if (!subject || subject.removedAt) return undefined;
      if (!row.usedAt || row.usedAt.getTime() < now.getTime() - USED_AGAIN_MS)
        await touch(transaction, credentialId, now);
      const { subjectId, roles } = subject;
      return { subjectId, roles, amr: row.amr, publicJwk: row.publicJwk };
    });
  }
}

/** The last use, to the minute. */
const touch = (transaction: Transaction, credentialId: string, now: Date): Promise<void> =>
  transaction.rows(credentialTable).update({ credentialId }, { usedAt: now });
