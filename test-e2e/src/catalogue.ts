/**
 * An item as a hospital charges it. The catalogue itself is the platform's; these are copied from
 * it.
 */
export interface Item {
  readonly itemCode: string;
  readonly name: string;
  readonly priceYuan: string;
  readonly quantity?: string;
}

export const REGISTRATION: Item = { itemCode: '110100001', name: '挂号费', priceYuan: '1.00' };
export const CONSULTATION: Item = {
  itemCode: '110200001',
  name: '普通门诊诊查费',
  priceYuan: '10.00',
};
export const BLOOD_COUNT: Item = {
  itemCode: '250101015',
  name: '血细胞分析（五分类）',
  priceYuan: '20.00',
};
export const HEART_ULTRASOUND: Item = {
  itemCode: '220600004',
  name: '心脏彩色多普勒超声',
  priceYuan: '180.00',
};
export const COLONOSCOPY: Item = { itemCode: '310903005', name: '结肠镜检查', priceYuan: '220.00' };
export const MAGNETIC_RESONANCE: Item = {
  itemCode: '210200001',
  name: '磁共振平扫',
  priceYuan: '480.00',
};
export const PET_CT: Item = { itemCode: '230400001', name: 'PET-CT全身显像', priceYuan: '7000.00' };
export const IN_NO_CATALOGUE: Item = { itemCode: 'ZZ999999', name: '未知项目', priceYuan: '35.00' };

/** Quantity × price in whole fen; the prices here make it exact. */
export const amountFenOf = ({ priceYuan, quantity = '1' }: Item): number =>
  Math.round(Number(priceYuan) * Number(quantity) * 100);
export const sumFen = (...items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + amountFenOf(item), 0);
