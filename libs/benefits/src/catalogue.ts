import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Coverage, dataOf } from '@caretab/contracts';
import { contentHash } from '@caretab/kernel';
import { CatalogueFile } from './data-schemas';

export type HospitalLevel = Coverage['hospitalLevel'];
/**
 * 甲 is covered whole, 乙 after a first self-pay share, 丙 not at all (national codes chrgitm_lv 01,
 * 02, 03).
 */
export type Category = 'A' | 'B' | 'C';

/**
 * One item of the medical-insurance catalogue in one period; the same code may have several, which
 * do not overlap.
 */
export interface CatalogueItem {
  readonly code: string;
  readonly name: { readonly en: string; readonly zh: string };
  /** National code med_chrgitm_type: 01 bed … 14 other. */
  readonly chargeType: string;
  readonly category: Category;
  /** Share of a category B item that the patient bears before any plan, in basis points. */
  readonly firstSelfPayBps?: number;
  /** Highest price per unit the plans recognise, in fen, by hospital level. */
  readonly priceLimitFen?: Readonly<Partial<Record<HospitalLevel, number>>>;
  /**
   * A usual price per unit, as decimal text in yuan; for samples and screens, never for settling.
   */
  readonly priceYuan: string;
  readonly unit: string;
  readonly effectiveFrom: string;
  /** Last day, inclusive; null is open. */
  readonly effectiveTo: string | null;
}

const load = (): ReadonlyMap<string, readonly CatalogueItem[]> => {
  const items = dataOf(
    'libs/benefits/data/catalogue.json',
    readFileSync(join(__dirname, '../data/catalogue.json'), 'utf8'),
    CatalogueFile,
  ).items as readonly CatalogueItem[];
  const periods = new Map<string, CatalogueItem[]>();
  for (const item of items) periods.set(item.code, [...(periods.get(item.code) ?? []), item]);
  return periods;
};

const periodsByCode = load();

/** Content hash of the catalogue: a verdict keeps which one it looked at. */
export const catalogueVersion = contentHash([...periodsByCode]);

/** Whether `date` (YYYY-MM-DD) lies in a period whose last day is inclusive. */
export const inForce = (
  period: { readonly effectiveFrom: string; readonly effectiveTo: string | null },
  date: string,
): boolean =>
  period.effectiveFrom <= date && (period.effectiveTo === null || date <= period.effectiveTo);

/**
 * The catalogue's item of this code on a day (YYYY-MM-DD), or undefined: what the catalogue does
 * not list, no plan pays.
 */
export const findItem = (itemCode: string, date: string): CatalogueItem | undefined =>
  periodsByCode.get(itemCode)?.find((period) => inForce(period, date));

/** Every item in force on a day, in the order of the data. */
export const itemsOn = (date: string): CatalogueItem[] =>
  [...periodsByCode.values()].flatMap((periods) =>
    periods.filter((period) => inForce(period, date)),
  );
