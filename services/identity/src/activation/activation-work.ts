import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import type { Consents } from '../consent/consents';
import type { Mobiles } from '../person/mobiles';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import {
  type CodeOutcome,
  type InsuranceAnswer,
  isWork,
  type Opening,
  WORK,
} from './activation-state';
import { insuranceAnswered, openingAnswered } from './opening';
import { codeMade, codeSent, elapsed, registrySilent, registryTook } from './activation';
import { activationTable, type ActivationRow } from './activation.table';
import { WAIT_MAX_MS } from './activation-rows';
import { codeHashOf } from './activations';
import type { CodeSender, Lines, Registries } from './registries';

export interface ActivationWorkParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly persons: Persons;
  readonly mobiles: Mobiles;
  readonly vault: Pick<Vault, 'indexOf'>;
  readonly registries: Registries;
  readonly codes: CodeSender;
  readonly lines: Lines;
  readonly consents: Pick<Consents, 'revisionOf'>;
  /** A number below this one that no one can guess. */
  readonly chance: (below: number) => number;
  /** How long a pushed answer is waited for. */
  readonly registryWaitMs: number;
}

type Item = { readonly row: ActivationRow } & (
  | { readonly asks: 'registry'; readonly idNumber: string }
  | { readonly asks: 'bureau'; readonly idNumber: string; readonly name: string }
  | { readonly asks: 'credit'; readonly consentRevision: number }
  | {
      readonly asks: 'code';
      readonly mobile: string;
      readonly code: string;
      readonly language: 'zh' | 'en';
    }
);
type Outcome =
  | { readonly of: 'registry'; readonly answer: 'taken' | 'no-answer' | 'unset' }
  | { readonly of: 'code'; readonly answer: CodeOutcome }
  | { readonly of: 'bureau'; readonly answer: InsuranceAnswer }
  | { readonly of: 'credit'; readonly answer: Opening };

const LANES = 4;
/** Longer than a question and a message may take. */
const LEASE_MS = 30_000;
const ASK_DELAYS_MS = [2_000, 10_000, 30_000, 60_000];
const CODE_DIGITS = 6;

const newCode = (chance: ActivationWorkParts['chance']): string =>
  String(chance(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');

/** Asks the registry and sends the codes, each outside of a transaction and with a lease. */
export class ActivationWork {
  private readonly queue: WorkQueue<ActivationRow, Item, Outcome>;

  constructor(private readonly parts: ActivationWorkParts) {
    const { store, clock } = parts;
    this.queue = new WorkQueue<ActivationRow, Item, Outcome>({
      ...{ store, clock, table: activationTable, key: 'activationId' },
      ...{ lanes: LANES, leaseMs: LEASE_MS, plans: [{ where: {}, waitMaxMs: WAIT_MAX_MS }] },
      begin: (transaction, rows, now) =>
        Promise.all(rows.map((row) => this.begin(transaction, row, now))),
      work: (item) => this.work(item),
      record: (transaction, row, outcome) => this.record(transaction, row, outcome),
    });
  }

  /** Returns how many it looked at. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  countDue(aheadMs: number): Promise<number> {
    return this.queue.countDue(aheadMs, { status: { in: WORK } });
  }

  private async begin(
    transaction: Transaction,
    row: ActivationRow,
    now: Date,
  ): Promise<Claimed<ActivationRow, Item>> {
    if (!isWork(row)) return { row: elapsed(row, now) };
    const { persons, mobiles, vault } = this.parts;
    const { holderId, activationId } = row;
    const { idNumber, language = 'zh' } = await persons.read(transaction, holderId);
    if (row.status === 'asking-registry') return { row, item: { asks: 'registry', row, idNumber } };
    if (row.status === 'opening') {
      const consentRevision = await this.parts.consents.revisionOf(transaction, row.personId);
      return { row, item: { asks: 'credit', row, consentRevision } };
    }
    if (row.status === 'asking-insurance') {
      const insured = await persons.read(transaction, row.personId);
      return { row, item: { asks: 'bureau', row, idNumber: insured.idNumber, name: insured.name } };
    }
    const mobile = await mobiles.open(transaction, holderId, row.sealedMobile!);
    const code = newCode(this.parts.chance);
    const made = codeMade(row, codeHashOf(vault, activationId, code), now);
    return { row: made, item: { asks: 'code', row: made, mobile, code, language } };
  }

  private async work(item: Item): Promise<void> {
    await this.queue.record(item.row, await this.outcomeOf(item));
  }

  private async outcomeOf(item: Item): Promise<Outcome> {
    const { registries } = this.parts;
    if (item.asks === 'registry')
      return { of: 'registry', answer: await this.askRegistry(item.row, item.idNumber) };
    if (item.asks === 'code') return { of: 'code', answer: await this.sendCode(item) };
    if (item.asks === 'credit') return { of: 'credit', answer: await this.askCredit(item) };
    const { idNumber, name } = item;
    const answer = (await registries.sharedData?.insured({ idNumber, name })) ?? 'unset';
    return { of: 'bureau', answer };
  }

  private askCredit({
    row: { personId, activationId },
    consentRevision,
  }: Extract<Item, { asks: 'credit' }>): Promise<Opening> {
    return this.parts.lines.open({ personId, activationId, consentRevision });
  }

  private async askRegistry(
    { requestId }: ActivationRow,
    idNumber: string,
  ): Promise<'taken' | 'no-answer' | 'unset'> {
    const { publicData } = this.parts.registries;
    return publicData ? publicData.ask({ requestId, idNumber }) : 'unset';
  }

  private sendCode({
    row: { activationId, lease },
    mobile,
    code,
    language,
  }: Extract<Item, { asks: 'code' }>): Promise<CodeOutcome> {
    const messageId = `${activationId}-${lease}`;
    return this.parts.codes.send({ messageId, mobile, code, language });
  }

  /** The row is as it was leased: who changes it ends the lease. */
  private async record(
    transaction: Transaction,
    row: ActivationRow,
    outcome: Outcome,
  ): Promise<void> {
    const now = this.parts.clock.now();
    await transaction.rows(activationTable).save(this.recorded(row, outcome, now));
  }

  private recorded(row: ActivationRow, outcome: Outcome, now: Date): ActivationRow {
    if (outcome.of === 'code') return codeSent(row, outcome.answer, now);
    if (outcome.of === 'bureau') return insuranceAnswered(row, outcome.answer, now);
    if (outcome.of === 'credit') return openingAnswered(row, outcome.answer, now);
    return this.asked(row, outcome.answer, now);
  }

  private asked(
    row: ActivationRow,
    answer: 'taken' | 'no-answer' | 'unset',
    now: Date,
  ): ActivationRow {
    if (answer === 'taken') return registryTook(row, now, this.parts.registryWaitMs);
    if (answer === 'unset') return registrySilent(row, now, 'REGISTRY_UNSET');
    if (row.retries >= ASK_DELAYS_MS.length) return registrySilent(row, now, 'REGISTRY_SILENT');
    const delayMs = retryDelayMs(ASK_DELAYS_MS, row.retries, row.activationId);
    return {
      ...row,
      retries: row.retries + 1,
      nextAttemptAt: new Date(now.getTime() + delayMs),
    };
  }
}
