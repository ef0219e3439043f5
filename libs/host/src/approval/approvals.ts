import { decide, type Resource, type Subject } from '@caretab/access';
import { assert, type Clock, contentHash, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/store';
import { cursorOf, shown, type ShownApproval } from './approval-row';
import { type ApprovalRow, approvalTable } from './approval.table';

/** A request that needs an approval, as the policies let it in. */
export interface Requested {
  readonly action: string;
  readonly resource: Resource;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: unknown;
  readonly body: unknown;
  /** Fields of the body that an approver is shown. */
  readonly shows: readonly string[];
  readonly subject: Subject;
}

export type Decision = { readonly decision: 'give' } | { readonly decision: 'refuse'; why: string };

export interface ApprovalParts {
  readonly store: Store;
  /** The machine's, as of tokens: the platform's may play another day. */
  readonly clock: Clock;
  readonly ids: Ids;
  readonly lifetimeMs: number;
}

const MS_PER_DAY = 86_400_000;
/** As records of access are kept at least. */
const KEPT_MS = 180 * MS_PER_DAY;
/** What was not done in time is shown as expired for so long. */
const EXPIRED_KEPT_MS = 7 * MS_PER_DAY;
const PAGE_ROWS = 100;
/** Rows of one round of deletions. */
const PRUNED_ROWS = 500;
/** Of one subject at a time: an approver has to look at each. */
const OPEN_MAX = 100;

const conflict = (
  code:
    | 'APPROVAL_NEEDED'
    | 'APPROVAL_NOT_GIVEN'
    | 'APPROVAL_REFUSED'
    | 'APPROVAL_USED'
    | 'APPROVAL_EXPIRED'
    | 'APPROVAL_DIFFERS',
  details: DomainError['details'],
): DomainError => new DomainError(code, 'conflict', details);

const unknown = (approvalId: string): DomainError =>
  new DomainError('APPROVAL_UNKNOWN', 'not-found', { approvalId });

const digestOf = ({ action, params, query, body, subject }: Requested): string =>
  contentHash({ action, params, query, body, requestedBy: subject.id });

/** A payer is named by the path alone, whose ids are kept. */
const resourceOf = ({ institution, person, params: { payerId } }: ApprovalRow): Resource => ({
  institution: institution ?? undefined,
  person: person ?? undefined,
  payer: typeof payerId === 'string' ? payerId : undefined,
});

/** Who may do it may approve it, where another asks for it. */
const mayApprove = (subject: Subject, row: ApprovalRow): boolean =>
  decide(subject, row.action, resourceOf(row)).allowed;

/**
 * What two persons do together, of one service. One asks for it, another gives or refuses it, and the
 * first does it, once, and exactly what was asked for.
 */
export class Approvals {
  constructor(private readonly parts: ApprovalParts) {}

  /**
   * The refusal APPROVAL_NEEDED (conflict) with the id of an approval that is now asked for; of the
   * same request the same one. Throws OVERLOADED (overloaded).
   */
  needed(requested: Requested): Promise<DomainError> {
    const now = this.parts.clock.now();
    const digest = digestOf(requested);
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(approvalTable);
      const waiting = { state: { in: ['open', 'given'] as const }, expiresAt: { gt: now } };
      const known = await rows.get({ digest, ...waiting });
      const row = known ?? this.fresh(requested, digest, now);
      if (!known) {
        const { requestedBy } = row;
        if ((await rows.count({ requestedBy, ...waiting })) >= OPEN_MAX)
          throw new DomainError('OVERLOADED', 'overloaded', {
            why: `${OPEN_MAX} requests of yours wait for an approval`,
          });
        await rows.insert(row);
      }
      const { approvalId, expiresAt } = row;
      return conflict('APPROVAL_NEEDED', {
        field: 'approval',
        why: 'it needs the approval of another person',
        remedy: 'once that is given, send the same with the header field Approval and this id',
        approvalId,
        expiresAt: expiresAt.toISOString(),
      });
    });
  }

  /**
   * Gives or refuses it. The same again changes nothing; what was given may be refused until it is
   * used. Throws APPROVAL_UNKNOWN (not-found), ACCESS_FORBIDDEN, APPROVAL_SAME_SUBJECT (forbidden),
   * APPROVAL_REFUSED, APPROVAL_USED, APPROVAL_EXPIRED (conflict).
   */
  decide(approvalId: string, subject: Subject, decision: Decision): Promise<ShownApproval> {
    assert(subject.hasSecondFactor, 'who approves is signed in with a second factor');
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const row = await locked(transaction, approvalId);
      const { action, requestedBy, state } = row;
      if (!mayApprove(subject, row))
        throw new DomainError('ACCESS_FORBIDDEN', 'forbidden', {
          action,
          why: 'who may not do it may not approve it',
        });
      if (requestedBy === subject.id)
        throw new DomainError('APPROVAL_SAME_SUBJECT', 'forbidden', { approvalId });
      const wanted = decision.decision === 'give' ? 'given' : 'refused';
      if (state === wanted && row.decidedBy === subject.id) return shown(row, now);
      mustBeAlive(row, now);
      const decided: ApprovalRow = {
        ...row,
        ...{ state: wanted, decidedBy: subject.id, decidedAt: now },
        ...(decision.decision === 'refuse' && { why: decision.why, about: {} }),
      };
      await transaction.rows(approvalTable).save(decided);
      return shown(decided, now);
    });
  }

  /**
   * Takes an approval for this very request, once: from now on it is used, whatever becomes of the
   * request. Gives who approved. Throws APPROVAL_UNKNOWN (not-found); APPROVAL_DIFFERS,
   * APPROVAL_NOT_GIVEN, APPROVAL_REFUSED, APPROVAL_USED, APPROVAL_EXPIRED (conflict).
   */
  use(approvalId: string, requested: Requested): Promise<string> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const row = await locked(transaction, approvalId);
      if (row.digest !== digestOf(requested))
        throw conflict('APPROVAL_DIFFERS', {
          approvalId,
          remedy: 'send what was approved, or ask for another approval',
        });
      mustBeAlive(row, now);
      const { state, decidedBy, requestedBy } = row;
      if (state !== 'given' || decidedBy === null)
        throw conflict('APPROVAL_NOT_GIVEN', { approvalId });
      assert(decidedBy !== requestedBy, 'no one approves what they ask for themselves');
      await transaction.rows(approvalTable).save({ ...row, state: 'used', usedAt: now, about: {} });
      return decidedBy;
    });
  }

  /** What became of the request that it was used for: `done`, or the code of the refusal. */
  ended(approvalId: string, outcome: string): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await locked(transaction, approvalId);
      await transaction.rows(approvalTable).save({ ...row, outcome });
    });
  }

  /** The latest first; those that the subject asked for, or could approve with a second factor. */
  list(
    subject: Subject,
    { state, after }: { readonly state: 'open' | 'all'; readonly after?: string | undefined },
  ): Promise<{ readonly approvals: readonly ShownApproval[]; readonly next?: string }> {
    const now = this.parts.clock.now();
    const where: Where<ApprovalRow> =
      state === 'all' ? {} : { state: { in: ['open', 'given'] }, expiresAt: { gt: now } };
    const able = { ...subject, hasSecondFactor: true };
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(approvalTable).page(where, {
        ...{ orderBy: 'requestedAt', descending: true, countMax: PAGE_ROWS },
        after: after === undefined ? undefined : cursorOf(after),
      });
      return {
        approvals: rows
          .filter((row) => row.requestedBy === subject.id || mayApprove(able, row))
          .map((row) => shown(row, now)),
        ...(next && { next: `${next.requestedAt!.toISOString()} ${next.approvalId!}` }),
      };
    });
  }

  /** How many wait for someone to approve, and since when the first of them does. */
  async waiting(): Promise<{ readonly count: number; readonly oldest: Date | undefined }> {
    const where = { state: 'open' as const, expiresAt: { gt: this.parts.clock.now() } };
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(approvalTable);
      const [first] = await rows.find(where, { orderBy: 'requestedAt', countMax: 1 });
      return first
        ? { count: await rows.count(where), oldest: first.requestedAt }
        : { count: 0, oldest: undefined };
    });
  }

  /** Deletes what expired or was over long ago. Returns how many rows. */
  prune(): Promise<number> {
    const ago = (durationMs: number): Date =>
      new Date(this.parts.clock.now().getTime() - durationMs);
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(approvalTable);
      const expired: Where<ApprovalRow> = {
        state: { in: ['open', 'given'] },
        expiresAt: { lte: ago(EXPIRED_KEPT_MS) },
      };
      let count = 0;
      for (const where of [expired, { requestedAt: { lte: ago(KEPT_MS) } }]) {
        const found = await rows.find(where, { countMax: PRUNED_ROWS, lock: 'skip' });
        count += found.length;
        if (found.length > 0)
          await rows.delete({ approvalId: { in: found.map(({ approvalId }) => approvalId) } });
      }
      return count;
    });
  }

  private fresh(requested: Requested, digest: string, now: Date): ApprovalRow {
    const { action, resource, params, body, shows, subject } = requested;
    const fields = (body ?? {}) as Readonly<Record<string, unknown>>;
    return {
      approvalId: this.parts.ids.next(),
      ...{ digest, action, params },
      institution: resource.institution ?? null,
      person: resource.person ?? null,
      about: Object.fromEntries(
        shows.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]),
      ),
      requestedBy: subject.id,
      requestedAt: now,
      expiresAt: new Date(now.getTime() + this.parts.lifetimeMs),
      state: 'open',
      ...{ decidedBy: null, decidedAt: null, why: null, usedAt: null, outcome: null },
    };
  }
}

const locked = async (transaction: Transaction, approvalId: string): Promise<ApprovalRow> => {
  const row = await transaction.rows(approvalTable).get({ approvalId }, { lock: 'wait' });
  if (!row) throw unknown(approvalId);
  return row;
};

/** It waits to be given or used. Throws APPROVAL_REFUSED, APPROVAL_USED, APPROVAL_EXPIRED. */
const mustBeAlive = (row: ApprovalRow, now: Date): void => {
  const { approvalId, state, why, usedAt, outcome, expiresAt } = row;
  if (state === 'used')
    throw conflict('APPROVAL_USED', {
      approvalId,
      usedAt: usedAt!.toISOString(),
      ...(outcome !== null && { outcome }),
    });
  if (state === 'refused')
    throw conflict('APPROVAL_REFUSED', { field: 'approval', why: why ?? '', approvalId });
  if (expiresAt <= now)
    throw conflict('APPROVAL_EXPIRED', { approvalId, expiresAt: expiresAt.toISOString() });
};
