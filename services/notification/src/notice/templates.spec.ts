import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts, NotOnTab } from './notice.table';
import { type Language, notOnTabFacts, type Phrases, render, type Templates } from './templates';

const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const templates = dataOf('templates') as Templates;
const phrases = dataOf('phrases') as Phrases;
const HOSPITAL = '第一医院';

const read = (
  template: string,
  facts: Facts,
  language: Language = 'zh',
  link?: string,
): { subject: string; text: string } =>
  render(
    { templates, phrases, link },
    { template, facts, occurredAt: new Date('2026-03-02T09:00:00Z') },
    { language, hospital: HOSPITAL },
  );

const BLOOD_COUNT: NotOnTab = {
  chargeId: 'C1',
  itemCode: '250101015',
  amountFen: 2000,
  reason: 'OVER_LINE',
};
const OF_THE_HOSPITAL: NotOnTab = {
  chargeId: 'C-2',
  itemCode: 'LOCAL-7',
  amountFen: 999,
  reason: 'ITEM_UNKNOWN',
  occurredAt: '2026-03-01T01:05:30Z',
};

/** A visit whose tab came to this, with these charges beside it. */
const settled = (
  grossFen: number,
  charges: readonly NotOnTab[],
  audience: 'patient' | 'payer' = 'patient',
): Facts => ({
  visitId: 'H1-V0001',
  revision: 1,
  audience,
  grossFen,
  insurersFen: grossFen / 2,
  patientDueFen: grossFen / 2,
  paidFen: grossFen / 2,
  refundedFen: 0,
  ...notOnTabFacts(charges, audience === 'patient'),
});

test('a visit whose charges are all on the tab is settled, with each party’s part', () => {
  const { subject, text } = read('visit-settled', settled(10_000, []));
  expect(subject).toBe('您在第一医院的就诊已结清');
  for (const part of ['咨询时用）：V0001', '合计 100.00 元', '支付 50.00 元', '个人应付 50.00 元'])
    expect(text).toContain(part);
  expect(text).not.toContain('窗口');
});

test.each([
  [
    'zh',
    '共 29.99 元',
    '· 血细胞分析',
    '20.00 元，超出您的信用额度',
    '· 一项未列入目录的费用（2026年3月1日 09:05 记账）：9.99 元',
  ],
  [
    'en',
    '29.99 CNY',
    'Complete blood count',
    '20.00 CNY, it does not fit your line',
    'an item that the catalogue does not list (charged on 2026-03-01 09:05): 9.99 CNY',
  ],
] as const)(
  'each charge that is not on the tab is named in %s, with its amount and why, and where to pay',
  (language, ...parts) => {
    const { subject, text } = read(
      'visit-settled',
      settled(10_000, [BLOOD_COUNT, OF_THE_HOSPITAL]),
      language,
    );
    expect(subject).toContain('29.99');
    for (const part of [...parts, HOSPITAL]) expect(text).toContain(part);
    expect(text).not.toMatch(/C-?[12]|LOCAL|250101015/);
    expect(text).toMatch(language === 'zh' ? /收费窗口/ : /cashier of/);
  },
);

test.each(['zh', 'en'] as const)(
  'where nothing is on the tab, nobody reads in %s that a visit is settled',
  (language) => {
    for (const audience of ['patient', 'payer'] as const) {
      const { subject, text } = read(
        'visit-settled',
        settled(0, [BLOOD_COUNT], audience),
        language,
      );
      expect(subject + text).not.toMatch(/结清|settled| 0\.00/);
      expect(text).toContain('20.00');
    }
  },
);

test.each(['zh', 'en'] as const)(
  'the payer of another person’s visit reads amount and place in %s, never items or reasons',
  (language) => {
    for (const grossFen of [0, 10_000])
      for (const charges of [[], [BLOOD_COUNT, OF_THE_HOSPITAL]]) {
        const facts = settled(grossFen, charges, 'payer');
        const { subject, text } = read('visit-settled', facts, language);
        expect(facts['notDeferred']).toBeUndefined();
        expect(subject + text).toContain(HOSPITAL);
        if (charges.length > 0) expect(text).toContain('29.99');
        expect(subject + text).not.toMatch(/血|blood|C-2|V0001|额度|line/);
      }
  },
);

test('no reader meets a code: a reason that is not listed gets a plain sentence', () => {
  for (const language of ['zh', 'en'] as const) {
    for (const reason of [...Object.keys(phrases.reasons), 'A_CODE_OF_TOMORROW']) {
      const texts = [
        read('payment-missed', { visitId: 'H1-1', owedFen: 1, reason }, language),
        read('account-frozen', { reason }, language),
        read('visit-settled', settled(10, [{ ...BLOOD_COUNT, reason }]), language),
      ].map(({ subject, text }) => subject + text);
      for (const text of texts) expect(text).not.toMatch(/[A-Z]+_[A-Z]/);
    }
    expect(read('account-frozen', { reason: 'A_CODE_OF_TOMORROW' }, language).text).toContain(
      phrases.unknownReason[language],
    );
  }
});

test('a long list is cut, and says how many more there are and what all come to', () => {
  const charges = Array.from({ length: 60 }, (_, index) => ({
    ...OF_THE_HOSPITAL,
    chargeId: `C-${index}`,
  }));
  const { text } = read('visit-settled', settled(100, charges));
  expect(text).toContain('60 项，共 599.40 元');
  expect(text).toContain('另有 10 项');
  expect(text.match(/一项未列入目录的费用/g)).toHaveLength(50);
});

test('what is on the tab is named by item and amount; the others are counted, with their sum', () => {
  const occurredAt = '2026-03-01T01:05:30Z';
  const onTab = [2000, 1500].map((amountFen) => ({ itemCode: '250101015', amountFen, occurredAt }));
  const told = (facts: Facts, language: Language) =>
    read('visit-settled', { ...settled(10_000, []), ...facts }, language).text;
  const zh = told({ onTab, onTabCount: 5 }, 'zh');
  for (const part of [
    '· 血细胞分析（五分类）：20.00 元\n',
    '：15.00 元\n',
    '另有 3 项，共 65.00 元',
  ])
    expect(zh).toContain(part);
  const en = told({ onTab, onTabCount: 5 }, 'en');
  for (const part of ['five-part: 20.00 CNY\n', '15.00 CNY\n', 'and 3 more, 65.00 CNY'])
    expect(en).toContain(part);
  expect(told({ onTab, onTabCount: 2 }, 'zh')).not.toContain('另有');
  expect(told({}, 'zh')).not.toContain('·');
});

test.each(['late-charge', 'late-not-deferred', 'late-in-question'])(
  '%s names the item where its facts have one',
  (template) => {
    const facts = { visitId: 'H1-V1', amountFen: 900, reason: 'OVER_LINE', code: 'x' };
    const item = { itemCode: '250101015', occurredAt: '2026-03-01T01:05:30Z' };
    expect(read(template, { ...facts, ...item }).text).toContain('\n项目：血细胞分析（五分类）\n');
    expect(read(template, { ...facts, ...item, itemCode: 'LOCAL-7' }).text).toContain(
      '项目：一项未列入目录的费用（2026年3月1日 09:05 记账）',
    );
    expect(read(template, facts).text).not.toContain('项目：');
  },
);

test('what an earlier release recorded claims nothing about charges beside the tab', () => {
  const { grossFen: _gross, ...earlier } = settled(100, []);
  expect(read('visit-settled', earlier).text).toContain('不在账单内的费用');
});

test.each([
  ['2026-03-01T09:05:00+08:00', '（2026年3月1日 09:05 记账）'],
  ['2026-02-28T16:00:00Z', '（2026年3月1日 记账）'],
  [undefined, '· 一项未列入目录的费用：'],
])('an item without a name is known by its time %s: %s', (occurredAt, said) => {
  const { text } = read('visit-settled', settled(100, [{ ...OF_THE_HOSPITAL, occurredAt }]));
  expect(text).toContain(said);
});

test('a notice says where to sign in, where there is such a place', () => {
  const link = 'https://tab.example';
  expect(read('account-unfrozen', {}, 'en', link).text).toContain(`Sign in to see it: ${link}`);
  expect(read('account-unfrozen', {}, 'en').text).toContain('Sign in to the app');
  expect(read('account-unfrozen', {}).text).toContain('您开通服务的应用或公众号中登录');
  // Its reader can no longer sign in.
  for (const where of [link, undefined])
    expect(read('erasure-begun', {}, 'en', where).text).not.toMatch(/[Ss]ign in|https/);
});

test('every template and phrase is there in both languages, with the same fields', () => {
  const fields = (text: string): string[] =>
    [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort();
  for (const { zh, en } of Object.values(templates))
    expect(fields(zh.subject + zh.text)).toEqual(fields(en.subject + en.text));
  const { about: _about, reasons, ...sentences } = phrases as Phrases & { about: string };
  for (const { zh, en } of [...Object.values(reasons), ...Object.values(sentences)])
    expect(fields(zh)).toEqual(fields(en));
  expect(() => read('refund-completed', { visitId: 'H1-1' })).toThrow('among the facts');
});
