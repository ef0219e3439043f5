import type { Frozen, Merge, MergeEvidence } from '@caretab/contracts';
import { type Clock, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { UNDER_WAY } from '../activation/activation-state';
import { activationTable } from '../activation/activation.table';
import { assertAlive, lastDeath } from '../death/standing';
import { isWardToday } from '../guardianship/wards';
import { matchCaseTable } from '../master-index/match-case.table';
import { identifierTable, personTable } from '../person/person.table';
import type { Persons } from '../person/persons';
import { personsMerged, personsUnmerged } from './merge-messages';
import { mergeTable, type MergeRow } from './merge.table';
import { endTokens } from './merged-tokens';
import { mergeFaults, type Service } from './obstacles';
import { mergedInto } from './standing';

/** Who says so, why, and who approved it. */
export interface MergeSaid {
  readonly why: string;
  readonly by: string;
  readonly approvedBy: string | undefined;
}

/** How a person's service stands. Throws CREDIT_UNAVAILABLE (unavailable). */
export interface Services {
  of(personId: string): Promise<Service>;
}

const SHOWN_MAX = 50;

/** Two registrations of one human being: an alias, made and taken back by two persons. */
export class Merges {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      /** The machine's: tokens are compared with the machines of others. */
      readonly tokenClock: Clock;
      readonly ids: Ids;
      readonly persons: Persons;
      readonly services: Services;
    },
  ) {}

  /**
   * Merges one person into the other, who survives; the same again changes nothing. Throws
   * REQUEST_INVALID (invalid), PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found), APPROVAL_NEEDED,
   * PERSON_MERGED, MERGE_REFUSED with each fault, PERSON_DIED, ERASURE_UNDER_WAY (conflict),
   * CREDIT_UNAVAILABLE (unavailable): then nothing is changed.
   */
  async merge(
    survivorId: string,
    { mergedId, evidence }: { readonly mergedId: string; readonly evidence: Frozen<MergeEvidence> },
    said: MergeSaid,
  ): Promise<Merge> {
    if (mergedId === survivorId)
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [{ field: '/mergedId', why: 'is the person of the path' }],
      });
    const { services, store } = this.parts;
    const [survivor, merged] = [await services.of(survivorId), await services.of(mergedId)];
    return store.transact(async (transaction) => {
      const known = await this.known(transaction, mergedId, survivorId);
      if (known) return shown(known);
      await this.assertFree(transaction, { survivorId, mergedId, service: { survivor, merged } });
      if (said.approvedBy === undefined)
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId: survivorId });
      const row = await this.fresh(transaction, { survivorId, mergedId, evidence, said });
      await transaction.rows(mergeTable).insert(row);
      await this.alias(transaction, mergedId, survivorId);
      await this.decide(transaction, row, { status: 'same', ...said });
      transaction.publish(personsMerged(row, row.mergedAt));
      return shown(row);
    });
  }

  /**
   * Takes a merge back: they are two. Throws MERGE_UNKNOWN (not-found), PERSONAL_DATA_DESTROYED
   * (not-found), MERGE_REFUSED, ERASURE_UNDER_WAY (conflict).
   */
  undo(survivorId: string, mergeId: string, said: MergeSaid): Promise<Merge> {
    return this.parts.store.transact(async (transaction) => {
      const { persons } = this.parts;
      const unknown = new DomainError('MERGE_UNKNOWN', 'not-found', { mergeId });
      const rows = transaction.rows(mergeTable);
      const seen = await rows.get({ mergeId, survivorId, undoneAt: null });
      if (!seen) throw unknown;
      for (const id of [seen.personId, survivorId].sort()) {
        await persons.read(transaction, id, 'wait');
        await persons.assertNotErased(transaction, id);
      }
      const row = await rows.get({ mergeId, undoneAt: null }, { lock: 'wait' });
      if (!row) throw unknown;
      if ((await lastDeath(transaction, survivorId))?.died)
        throw new DomainError('MERGE_REFUSED', 'conflict', {
          faults: [
            {
              field: 'death',
              why: 'the death of both was recorded as of one',
              remedy: 'take that record back first, then record the death of whose it is',
            },
          ],
        });
      return shown(await this.end(transaction, row, said));
    });
  }

  /** Those in which the person is or was one of two, the latest first. */
  list(personId: string): Promise<readonly Merge[]> {
    const latest = { orderBy: 'mergedAt', descending: true, countMax: SHOWN_MAX } as const;
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(mergeTable);
      const found = [
        ...(await rows.find({ personId }, latest)),
        ...(await rows.find({ survivorId: personId }, latest)),
      ];
      return found
        .sort((a, b) => b.mergedAt.getTime() - a.mergedAt.getTime())
        .slice(0, SHOWN_MAX)
        .map(shown);
    });
  }

  private async end(
    transaction: Transaction,
    row: MergeRow,
    { by, why, approvedBy }: MergeSaid,
  ): Promise<MergeRow> {
    const { clock, tokenClock } = this.parts;
    const undoneAt = clock.now();
    const over = { ...row, undoneAt, undoneBy: by, undoneWhy: why };
    await transaction.rows(mergeTable).save(over);
    await this.alias(transaction, row.personId, null);
    await this.decide(transaction, row, { status: 'different', by, why, approvedBy });
    await endTokens(transaction, [row.personId, row.survivorId], tokenClock.now());
    transaction.publish(personsUnmerged(row, undoneAt));
    return over;
  }

  /** The two held, each by id; the merge of them that is in force. */
  private async known(
    transaction: Transaction,
    personId: string,
    survivorId: string,
  ): Promise<MergeRow | undefined> {
    for (const id of [personId, survivorId].sort())
      await this.parts.persons.read(transaction, id, 'wait');
    return transaction.rows(mergeTable).get({ personId, survivorId, undoneAt: null });
  }

  private async assertFree(
    transaction: Transaction,
    {
      survivorId,
      mergedId,
      service,
    }: {
      readonly survivorId: string;
      readonly mergedId: string;
      readonly service: { readonly survivor: Service; readonly merged: Service };
    },
  ): Promise<void> {
    const { persons } = this.parts;
    const ids = [survivorId, mergedId];
    for (const personId of ids) await persons.assertNotErased(transaction, personId);
    await assertAlive(transaction, ...ids);
    await this.assertOneStep(transaction, survivorId, mergedId);
    const [one, other] = [
      await persons.read(transaction, survivorId),
      await persons.read(transaction, mergedId),
    ];
    const wards = [];
    for (const personId of ids) wards.push(await isWardToday(transaction, persons, personId));
    const open = { status: { in: UNDER_WAY } };
    const opens = await transaction.rows(activationTable).count({ personId: mergedId, ...open });
    const isWard = wards.includes(true);
    const faults = mergeFaults({ one, other, isWard, opens: opens > 0, service });
    if (faults.length > 0) throw new DomainError('MERGE_REFUSED', 'conflict', { faults });
  }

  /** No chains: who survives is not merged, and no one is merged into who is. */
  private async assertOneStep(
    transaction: Transaction,
    survivorId: string,
    mergedId: string,
  ): Promise<void> {
    const { persons } = this.parts;
    for (const personId of [survivorId, mergedId]) {
      const into = (await persons.row(transaction, personId)).mergedInto;
      if (into !== null)
        throw new DomainError('PERSON_MERGED', 'conflict', { personId, survivorId: into });
    }
    if ((await mergedInto(transaction, mergedId)).length > 0)
      throw new DomainError('PERSON_MERGED', 'conflict', {
        ...{ personId: mergedId, survivorId: mergedId },
        why: 'another person is merged into the one who would be merged',
      });
  }

  private async fresh(
    transaction: Transaction,
    {
      survivorId,
      mergedId: personId,
      evidence,
      said,
    }: {
      readonly survivorId: string;
      readonly mergedId: string;
      readonly evidence: Frozen<MergeEvidence>;
      readonly said: MergeSaid;
    },
  ): Promise<MergeRow> {
    const { clock, ids } = this.parts;
    const latest = { orderBy: 'revision', descending: true, countMax: 1 } as const;
    const [last] = await transaction.rows(mergeTable).find({ personId }, latest);
    return {
      ...{ mergeId: `m-${ids.next()}`, personId, survivorId },
      revision: (last?.revision ?? -1) + 2,
      ...{ evidenceKind: evidence.kind, evidenceReference: evidence.reference, why: said.why },
      ...{ mergedBy: said.by, approvedBy: said.approvedBy!, mergedAt: clock.now() },
      ...{ undoneAt: null, undoneBy: null, undoneWhy: null },
    };
  }

  private async alias(
    transaction: Transaction,
    personId: string,
    survivorId: string | null,
  ): Promise<void> {
    await transaction.rows(personTable).update({ personId }, { mergedInto: survivorId });
    await transaction.rows(identifierTable).update({ personId }, { survivorId });
  }

  /** What was proposed of the two is decided with it; as two they are not proposed again. */
  private async decide(
    transaction: Transaction,
    { personId, survivorId }: MergeRow,
    { status, by, why, approvedBy }: MergeSaid & { readonly status: 'same' | 'different' },
  ): Promise<void> {
    const decided = { status, decidedBy: by, approvedBy: approvedBy ?? null, why };
    const at = { decidedAt: this.parts.clock.now() };
    const cases = transaction.rows(matchCaseTable);
    const pair = { recordId: personId, personId: survivorId };
    const turned = { recordId: survivorId, personId };
    for (const each of [pair, turned]) await cases.update(each, { ...decided, ...at });
    if (status === 'different' && !(await cases.get(pair)))
      await cases.insert({
        ...{ caseId: `mc-${this.parts.ids.next()}`, ...pair, ...decided, ...at },
        ...{ centibits: 0, likely: false, evidence: [], openedAt: at.decidedAt },
      });
  }
}

const shown = (row: MergeRow): Merge => {
  const { mergeId, survivorId, personId, why, mergedBy, approvedBy, mergedAt } = row;
  const { undoneAt, undoneBy, undoneWhy } = row;
  return {
    ...{ mergeId, survivorId, personId, why, mergedBy, approvedBy, mergedAt },
    evidence: { kind: row.evidenceKind, reference: row.evidenceReference },
    ...(undoneAt && { undoneAt }),
    ...(undoneBy !== null && { undoneBy }),
    ...(undoneWhy !== null && { undoneWhy }),
  };
};
