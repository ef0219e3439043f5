import { findPlan, planOfVersion } from '@caretab/benefits';
import {
  adjudicationPlans,
  businessDateOf,
  message,
  PLAN_DOCUMENT_CHARS_MAX,
} from '@caretab/contracts';
import { type Clock, derivedId, DomainError, type ErrorCode } from '@caretab/kernel';
import { explainPlan, type Finding } from '@caretab/plans';
import type { Store, Transaction } from '@caretab/store';
import { knowDocuments } from './approved-documents';
import { type CheckedDocument, checkDocument } from './document-check';
import {
  type PlanDocumentRow,
  planDocumentTable,
  planFileTable,
  type PlanNameRow,
  planNameTable,
} from './document.table';
import { knownDocument, type Owner, whereOf } from './owner';
import { shadowRunTable } from './shadow-run.table';
import { isTried } from './shadow-runs';
import { shownDocument, type ShownDocument } from './shown-document';

const PAGE_DOCUMENTS = 100;
/** Documents of one owner that wait for an approval. */
const WAITING_MAX = 100;

const conflict = (
  code: Extract<
    ErrorCode,
    | 'PLAN_DOCUMENT_TOO_LATE'
    | 'PLAN_DOCUMENT_DAY_TAKEN'
    | 'PLAN_DOCUMENT_APPROVED'
    | 'PLAN_DOCUMENT_NOT_TRIED'
  >,
  version: string,
): DomainError => new DomainError(code, 'conflict', { version });

/** A second fence behind reads: an insurer's own rows. */
const fenceOf = (owner: Owner) =>
  owner === 'bureau' ? {} : { within: [{ payer: owner.payerId }] };

const ofAnother = (why: string): DomainError =>
  new DomainError('PLAN_OF_ANOTHER', 'forbidden', { why });

/** Throws PLAN_OF_ANOTHER (forbidden). */
const mustBeTheirs = (
  owner: Owner,
  { kind, name, payerId, isOfBureau }: CheckedDocument,
  known: PlanNameRow | undefined,
): void => {
  if (owner !== 'bureau' && isOfBureau)
    throw ofAnother('basic plans, medical aid and coordination files are the bureau’s');
  if (owner !== 'bureau' && payerId !== owner.payerId)
    throw ofAnother('the document names another payer than the path');
  const shipped = kind === 'plan' ? findPlan(name) : undefined;
  if (shipped && shipped.payerId !== payerId) throw ofAnother('the plan is another payer’s');
  if (shipped?.kind === 'basic' && !isOfBureau) throw ofAnother('the plan is a basic plan');
  if (known && (known.payerId !== payerId || known.isPublic !== (owner === 'bureau')))
    throw ofAnother('the plan is another payer’s');
};

/** Documents of plans from their check to their approval; from their day on they decide. */
export class PlanDesk {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks a document as a whole, and keeps it where nothing is wrong with it; the same content again
   * is the same document. Throws PLAN_DOCUMENT_TOO_LARGE (invalid), PLAN_OF_ANOTHER (forbidden),
   * PLAN_DOCUMENTS_TOO_MANY (conflict).
   */
  async put(
    owner: Owner,
    content: Readonly<Record<string, unknown>>,
    by: string,
  ): Promise<{
    readonly document: ShownDocument | null;
    readonly findings: readonly Finding[];
    readonly created: boolean;
  }> {
    if (JSON.stringify(content).length > PLAN_DOCUMENT_CHARS_MAX)
      throw new DomainError('PLAN_DOCUMENT_TOO_LARGE', 'invalid', {
        field: '/',
        why: `a document has at most ${PLAN_DOCUMENT_CHARS_MAX} characters`,
      });
    const checked = checkDocument(content);
    if ('findings' in checked)
      return { document: null, findings: checked.findings, created: false };
    const { isOfBureau: _, file, ...named } = checked.document;
    const row: PlanDocumentRow = {
      ...{ ...named, isPublic: owner === 'bureau', state: 'checked', putBy: by },
      ...{ putAt: this.clock.now(), approvedBy: null, approvedAt: null },
    };
    return this.store.transact(async (transaction) => {
      const { kind, name, version } = row;
      const known = await transaction.rows(planNameTable).get({ kind, name });
      mustBeTheirs(owner, checked.document, known);
      const rows = transaction.rows(planDocumentTable);
      const waiting = await rows.count({ state: 'checked', ...whereOf(owner) });
      const created = await rows.insertIfAbsent(row);
      if (created && waiting >= WAITING_MAX)
        throw new DomainError('PLAN_DOCUMENTS_TOO_MANY', 'conflict', { countMax: WAITING_MAX });
      if (created) await transaction.rows(planFileTable).insert({ version, file });
      const kept = await rows.get({ version });
      return { document: await this.shown(transaction, kept!), findings: [], created };
    });
  }

  list(
    owner: Owner,
    after?: string,
  ): Promise<{ readonly documents: ShownDocument[]; readonly next?: string }> {
    return this.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(planDocumentTable).page(whereOf(owner), {
        countMax: PAGE_DOCUMENTS,
        after: after === undefined ? undefined : { version: after },
      });
      const names = [...new Set(rows.map(({ name }) => name))];
      const approved = await this.approvedOf(transaction, names);
      const today = this.today();
      return {
        documents: rows.map((row) => shownDocument(row, approved, today)),
        ...(next && { next: next.version! }),
      };
    }, fenceOf(owner));
  }

  /** Throws PLAN_DOCUMENT_UNKNOWN (not-found). */
  show(owner: Owner, version: string) {
    return this.store.transact(async (transaction) => {
      const row = await knownDocument(transaction, owner, version);
      const { file } = (await transaction.rows(planFileTable).get({ version }))!;
      await knowDocuments(transaction, [row]);
      const inWords = (language: 'zh' | 'en'): readonly string[] =>
        row.kind === 'plan' ? explainPlan(planOfVersion(version), language) : [];
      return {
        document: await this.shown(transaction, row),
        content: JSON.parse(file) as Record<string, unknown>,
        explanation: { zh: inWords('zh'), en: inWords('en') },
      };
    }, fenceOf(owner));
  }

  /**
   * Lets a document come into force on its day, and publishes it. The same again changes nothing.
   * Approvals of one plan wait for each other. Throws PLAN_DOCUMENT_UNKNOWN (not-found),
   * PLAN_DOCUMENT_NOT_TRIED, PLAN_DOCUMENT_TOO_LATE, PLAN_DOCUMENT_DAY_TAKEN (conflict), PLAN_OF_ANOTHER (forbidden).
   */
  approve(owner: Owner, version: string, approvedBy: string): Promise<ShownDocument> {
    return this.store.transact(async (transaction) => {
      const { kind, name, payerId, isPublic } = await knownDocument(transaction, owner, version);
      const names = transaction.rows(planNameTable);
      await names.insertIfAbsent({ kind, name, payerId, isPublic });
      const named = await names.get({ kind, name }, { lock: 'wait' });
      if (named?.payerId !== payerId || named.isPublic !== isPublic)
        throw ofAnother('the plan is another payer’s');
      const rows = transaction.rows(planDocumentTable);
      const row = await knownDocument(transaction, owner, version, 'wait');
      if (row.state === 'approved') return this.shown(transaction, row);
      const run = await transaction.rows(shadowRunTable).get({ version });
      if (!run || !isTried(run)) throw conflict('PLAN_DOCUMENT_NOT_TRIED', version);
      const { effectiveFrom } = row;
      if (effectiveFrom <= this.today()) throw conflict('PLAN_DOCUMENT_TOO_LATE', version);
      if ((await rows.count({ state: 'approved', kind, name, effectiveFrom })) > 0)
        throw conflict('PLAN_DOCUMENT_DAY_TAKEN', version);
      const approvedAt = this.clock.now();
      const approved: PlanDocumentRow = { ...row, state: 'approved', approvedBy, approvedAt };
      await rows.save(approved);
      await this.publish(transaction, approved);
      return this.shown(transaction, approved);
    });
  }

  /** Throws PLAN_DOCUMENT_APPROVED (conflict). One that is not there is dropped already. */
  drop(owner: Owner, version: string): Promise<void> {
    return this.store.transact(async (transaction) => {
      const where = { version, ...whereOf(owner) };
      const row = await transaction.rows(planDocumentTable).get(where, { lock: 'wait' });
      if (!row) return;
      if (row.state === 'approved') throw conflict('PLAN_DOCUMENT_APPROVED', version);
      await transaction.rows(shadowRunTable).delete({ version });
      await transaction.rows(planFileTable).delete({ version });
      await transaction.rows(planDocumentTable).delete({ version });
    });
  }

  private async publish(
    transaction: Transaction,
    { version, kind, name, payerId, effectiveFrom, approvedAt }: PlanDocumentRow,
  ): Promise<void> {
    const { file } = (await transaction.rows(planFileTable).get({ version }))!;
    transaction.publish(
      message(
        adjudicationPlans,
        'PlanDocumentApproved',
        { version, kind, name, payerId, effectiveFrom, file },
        {
          id: derivedId('PlanDocumentApproved', version),
          ...{ time: approvedAt!, source: 'adjudication' },
        },
      ),
    );
  }

  private async shown(transaction: Transaction, row: PlanDocumentRow): Promise<ShownDocument> {
    return shownDocument(row, await this.approvedOf(transaction, [row.name]), this.today());
  }

  private approvedOf(
    transaction: Transaction,
    names: readonly string[],
  ): Promise<PlanDocumentRow[]> {
    if (names.length === 0) return Promise.resolve([]);
    return transaction.rows(planDocumentTable).find({ state: 'approved', name: { in: names } });
  }

  private today(): string {
    return businessDateOf(this.clock.now());
  }
}
