import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The benefit rules a second time, by the documents alone: whole numbers, one charge by one. */

type Level = string;
type Scope = 'inScope' | 'firstSelfPay' | 'overLimit' | 'ownExpense';
const SCOPES: readonly Scope[] = ['inScope', 'firstSelfPay', 'overLimit', 'ownExpense'];
/** A personal account pays what the catalogue lists. */
const OF_THE_CATALOGUE: readonly Scope[] = ['inScope', 'firstSelfPay', 'overLimit'];

interface Dated {
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
}
interface Item extends Dated {
  readonly code: string;
  readonly category: 'A' | 'B' | 'C';
  readonly firstSelfPayBps?: number;
  readonly priceLimitFen?: Readonly<Record<Level, number>>;
}
interface Benefit {
  readonly benefit: string;
  readonly psnTypes: readonly string[];
  readonly deductibleBasis: 'year' | 'admission';
  readonly deductibleYuan: Readonly<Record<Level, number>>;
  readonly bands: Readonly<Record<Level, readonly { upToYuan: number | null; rateBps: number }[]>>;
  readonly fundCapYuan: number | null;
}
interface Plan {
  readonly planId: string;
  readonly kind: 'basic' | 'supplementary';
  readonly covers: readonly Scope[];
  readonly versions: readonly (Dated & { readonly benefits: readonly Benefit[] })[];
}

const data = <Part>(file: string): Part =>
  JSON.parse(readFileSync(join(__dirname, '../../../libs/benefits/data', file), 'utf8')) as Part;
const { items } = data<{ readonly items: readonly Item[] }>('catalogue.json');
const { plans } = data<{ readonly plans: readonly Plan[] }>('plans.json');

/** A closed visit, as far as a verdict depends on it. */
export interface Bill {
  /** First day of care, Asia/Shanghai. */
  readonly date: string;
  /** That of the first settlement, Asia/Shanghai: insurers' totals go by it. */
  readonly year: string;
  readonly visitClass: string;
  readonly level: Level;
  readonly memberships: readonly { readonly planId: string; readonly psnType: string }[];
  readonly lines: readonly {
    readonly itemCode: string;
    readonly quantity: string;
    readonly amountFen: number;
  }[];
}

/** What one plan's benefit, or an account, has used; by plan, year and benefit. */
export interface Use {
  deductibleFen: number;
  inScopeFen: number;
  fundFen: number;
  accountFen: number;
}

/** A plan's part of a bill, and what it used up. */
export interface Part extends Use {
  readonly key: string;
  readonly planId: string;
}

export interface Verdict {
  readonly parts: readonly Part[];
  readonly patientFen: number;
}

const isInForce = ({ effectiveFrom, effectiveTo }: Dated, date: string): boolean =>
  effectiveFrom <= date && (effectiveTo === null || date <= effectiveTo);

/** a × b ÷ c, rounded half up. */
const portion = (a: bigint, b: bigint, c: bigint): number => Number((2n * a * b + c) / (2n * c));

/** The price limit times a decimal quantity. */
const limitOf = (limitFen: number, quantity: string): number => {
  const [whole = '0', decimals = ''] = quantity.split('.');
  return portion(BigInt(limitFen), BigInt(whole + decimals), 10n ** BigInt(decimals.length));
};

const scopesOf = ({ lines, date, level }: Bill): Record<Scope, number> => {
  const total = { inScope: 0, firstSelfPay: 0, overLimit: 0, ownExpense: 0 };
  for (const { itemCode, quantity, amountFen } of lines) {
    const item = items.find(({ code, ...dated }) => code === itemCode && isInForce(dated, date));
    if (!item || item.category === 'C') {
      total.ownExpense += amountFen;
      continue;
    }
    const limitFen = item.priceLimitFen?.[level];
    const payableFen =
      limitFen === undefined ? amountFen : Math.min(amountFen, limitOf(limitFen, quantity));
    const ownFen =
      item.category === 'B'
        ? portion(BigInt(payableFen), BigInt(item.firstSelfPayBps ?? 0), 10_000n)
        : 0;
    total.overLimit += amountFen - payableFen;
    total.firstSelfPay += ownFen;
    total.inScope += payableFen - ownFen;
  }
  return total;
};

const take = (left: Record<Scope, number>, order: readonly Scope[], fen: number): void => {
  let rest = fen;
  for (const scope of order) {
    const taken = Math.min(rest, left[scope]);
    left[scope] -= taken;
    rest -= taken;
  }
};

const sumOf = (left: Record<Scope, number>, scopes: readonly Scope[]): number =>
  scopes.reduce((sum, scope) => sum + left[scope], 0);

/** What the bands pay of the year's expenses from `fromFen` to `toFen`, each band for itself. */
const byBands = (bands: Benefit['bands'][string], fromFen: number, toFen: number): number => {
  let paidFen = 0;
  let lowerFen = 0;
  for (const { upToYuan, rateBps } of bands) {
    const upperFen = upToYuan === null ? Number.MAX_SAFE_INTEGER : upToYuan * 100;
    const inBandFen = Math.min(upperFen, toFen) - Math.max(lowerFen, fromFen);
    if (inBandFen > 0) paidFen += portion(BigInt(inBandFen), BigInt(rateBps), 10_000n);
    lowerFen = upperFen;
  }
  return paidFen;
};

/**
 * The verdict on a bill: basic plans first, each on what the ones before left; then personal
 * accounts; the rest is the patient's. `used`: what the year has used so far; `accountFen`: what
 * stands on a plan's personal account.
 */
export const verdictOn = (
  bill: Bill,
  used: (key: string) => Use,
  accountFen: (planId: string) => number,
): Verdict => {
  const left = scopesOf(bill);
  const benefitKind = bill.visitClass === 'inpatient' ? 'inpatient' : 'outpatient';
  const paying = (['basic', 'supplementary'] as const)
    .flatMap((kind) => plans.filter((plan) => plan.kind === kind))
    .flatMap((plan) => {
      const psnType = bill.memberships.find(({ planId }) => planId === plan.planId)?.psnType;
      const benefit = plan.versions
        .find((version) => isInForce(version, bill.date))
        ?.benefits.find(
          (row) => row.benefit === benefitKind && row.psnTypes.includes(psnType ?? 'none'),
        );
      return benefit ? [{ plan, benefit }] : [];
    });
  const parts = paying.map(({ plan, benefit }): Part => {
    const key = `${plan.planId} ${bill.year} ${benefitKind}`;
    const before = used(key);
    const baseFen = sumOf(left, plan.covers);
    const usedFen = benefit.deductibleBasis === 'year' ? before.deductibleFen : 0;
    const openFen = Math.max(0, (benefit.deductibleYuan[bill.level] ?? 0) * 100 - usedFen);
    const deductibleFen = Math.min(baseFen, openFen);
    const bandsFen = byBands(
      benefit.bands[bill.level] ?? [],
      before.inScopeFen + deductibleFen,
      before.inScopeFen + baseFen,
    );
    const capFen =
      benefit.fundCapYuan === null
        ? bandsFen
        : Math.max(0, benefit.fundCapYuan * 100 - before.fundFen);
    const fundFen = Math.min(bandsFen, capFen);
    take(left, plan.covers, fundFen);
    return { key, planId: plan.planId, deductibleFen, inScopeFen: baseFen, fundFen, accountFen: 0 };
  });
  for (const part of parts) {
    part.accountFen = Math.min(accountFen(part.planId), sumOf(left, OF_THE_CATALOGUE));
    take(left, OF_THE_CATALOGUE, part.accountFen);
  }
  return { parts, patientFen: sumOf(left, SCOPES) };
};
