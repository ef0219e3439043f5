import { type Accumulators, type BenefitKind, type PlanStep, unused } from '@caretab/benefits';
import { assert } from '@caretab/kernel';
import type { Rows, Transaction } from '@caretab/store';
import { type PersonalAccountRow, personalAccountTable } from '../membership/membership.table';
import { type AccumulatorRow, accumulatorTable } from './accumulator.table';

/** Which year's use of which plan. */
export interface Use {
  readonly planId: string;
  readonly year: number;
  readonly benefit: BenefitKind;
}

/** What one verdict adds to one use. Whole fen. */
export interface Effect extends Use {
  readonly deductibleFen: number;
  readonly inScopeFen: number;
  readonly fundFen: number;
  readonly personalAccountFen: number;
}

export const effectOf = (use: Use, step: PlanStep): Effect => ({
  ...use,
  deductibleFen: step.deductibleFen,
  inScopeFen: step.baseFen,
  fundFen: step.fundFen,
  personalAccountFen: step.personalAccountFen,
});

const keyOf = ({ planId, year, benefit }: Use): string => `${planId} ${year} ${benefit}`;

/** A person's accumulators and accounts inside one transaction, by plan. */
export class PersonAccumulators {
  constructor(
    private readonly personId: string,
    private readonly uses: Map<string, AccumulatorRow>,
    private readonly accounts: Map<string, PersonalAccountRow>,
  ) {}

  /**
   * What the plan's terms start from; an account never stands below zero, even where less was
   * credited than is used.
   */
  stand(use: Use): Accumulators {
    const row = this.uses.get(keyOf(use));
    const account = this.accounts.get(use.planId);
    const used = row
      ? {
          deductibleUsedFen: row.deductibleUsedFen,
          inScopeUsedFen: row.inScopeUsedFen,
          fundUsedFen: row.fundUsedFen,
        }
      : {};
    return {
      ...unused,
      ...used,
      personalAccountFen: account ? Math.max(0, account.creditedFen - account.usedFen) : 0,
    };
  }

  add(effect: Effect): void {
    this.change(effect, 1);
  }

  takeBack(effect: Effect): void {
    this.change(effect, -1);
  }

  /** Writes every row it holds. */
  async save(transaction: Transaction): Promise<void> {
    await transaction.rows(accumulatorTable).save(...this.uses.values());
    await transaction.rows(personalAccountTable).save(...this.accounts.values());
  }

  private change(effect: Effect, sign: 1 | -1): void {
    const row = this.uses.get(keyOf(effect)) ?? {
      personId: this.personId,
      planId: effect.planId,
      year: effect.year,
      benefit: effect.benefit,
      deductibleUsedFen: 0,
      inScopeUsedFen: 0,
      fundUsedFen: 0,
    };
    const next = {
      ...row,
      deductibleUsedFen: row.deductibleUsedFen + sign * effect.deductibleFen,
      inScopeUsedFen: row.inScopeUsedFen + sign * effect.inScopeFen,
      fundUsedFen: row.fundUsedFen + sign * effect.fundFen,
    };
    const account = this.accounts.get(effect.planId) ?? {
      personId: this.personId,
      planId: effect.planId,
      creditedFen: 0,
      usedFen: 0,
    };
    const nextAccount = { ...account, usedFen: account.usedFen + sign * effect.personalAccountFen };
    assert(
      Math.min(
        next.deductibleUsedFen,
        next.inScopeUsedFen,
        next.fundUsedFen,
        nextAccount.usedFen,
      ) >= 0,
      'only what a claim added is taken back',
    );
    this.uses.set(keyOf(effect), next);
    this.accounts.set(effect.planId, nextAccount);
  }
}

/** Reads the accumulators as they stand, without locks: for a snapshot. */
export const readAccumulators = async (
  transaction: Transaction,
  personId: string,
  uses: readonly Use[],
): Promise<PersonAccumulators> => {
  const accumulators = new Map<string, AccumulatorRow>();
  const accounts = new Map<string, PersonalAccountRow>();
  for (const { planId, year, benefit } of uses) {
    const row = await transaction.rows(accumulatorTable).get({ personId, planId, year, benefit });
    if (row) accumulators.set(keyOf(row), row);
    const account = await transaction.rows(personalAccountTable).get({ personId, planId });
    if (account) accounts.set(planId, account);
  }
  return new PersonAccumulators(personId, accumulators, accounts);
};

/**
 * Reads the accumulators to change them: rows are made where missing, and locked in the order of
 * their keys until the transaction ends.
 */
export const lockAccumulators = async (
  transaction: Transaction,
  personId: string,
  uses: readonly Use[],
): Promise<PersonAccumulators> => {
  const accumulators = await lockOrMake(
    transaction.rows(accumulatorTable),
    uses.map(({ planId, year, benefit }) => ({
      personId,
      planId,
      year,
      benefit,
      deductibleUsedFen: 0,
      inScopeUsedFen: 0,
      fundUsedFen: 0,
    })),
    keyOf,
  );
  const accounts = await lockOrMake(
    transaction.rows(personalAccountTable),
    uses.map(({ planId }) => ({ personId, planId, creditedFen: 0, usedFen: 0 })),
    ({ planId }) => planId,
  );
  return new PersonAccumulators(personId, accumulators, accounts);
};

/**
 * The locked rows by name; those that are missing are made as they are given. The caller has
 * locked the person.
 */
const lockOrMake = async <Row extends object>(
  rows: Rows<Row>,
  wanted: readonly Row[],
  nameOf: (row: Row) => string,
): Promise<Map<string, Row>> => {
  const distinct = [...new Map(wanted.map((row) => [nameOf(row), row])).values()];
  const locked = new Map((await rows.lockAll(distinct)).map((row) => [nameOf(row), row]));
  const missing = distinct.filter((row) => !locked.has(nameOf(row)));
  await rows.insert(...missing);
  return new Map(distinct.map((row) => [nameOf(row), locked.get(nameOf(row)) ?? row]));
};
