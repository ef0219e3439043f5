import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts } from './notice.table';
import { renderShort, type ShortTexts } from './short-text';
import { type Language, notOnTabFacts, type Phrases, render, type Templates } from './templates';

const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const templates = dataOf('templates') as Templates;
const phrases = dataOf('phrases') as Phrases;
const shortTexts = dataOf('short-texts') as ShortTexts;
/** The page that shows people's texts: it is changed by hand, with them. */
const page = readFileSync(join(__dirname, '../../../../docs/notices.zh-en.md'), 'utf8');

const HOSPITALS = { zh: '市第一医院', en: 'City First Hospital' };
const VISIT = { visitId: 'H1-V0001' };
const CHARGED_AT = '2026-03-02T01:15:00Z';

const settled = (grossFen: number, isPatient: boolean, hasOthers: boolean): Facts => ({
  ...VISIT,
  audience: isPatient ? 'patient' : 'payer',
  ...{ grossFen, insurersFen: grossFen * 0.7, patientDueFen: grossFen * 0.3 },
  ...{ paidFen: grossFen * 0.3, refundedFen: 0 },
  ...(isPatient && {
    onTab: grossFen > 0 ? [{ itemCode: '250101015', amountFen: 2500, occurredAt: CHARGED_AT }] : [],
    onTabCount: grossFen > 0 ? 3 : 0,
  }),
  ...notOnTabFacts(
    hasOthers
      ? [
          { chargeId: 'C1', itemCode: '250101015', amountFen: 2000, reason: 'OVER_LINE' },
          {
            ...{ chargeId: 'C2', itemCode: 'LOCAL-7', amountFen: 999, reason: 'ITEM_UNKNOWN' },
            occurredAt: '2026-03-02T01:15:00Z',
          },
        ]
      : [],
    isPatient,
  ),
});

/** A bank lends it. */
const LENT: Facts = { lentBy: 'bank', paidFen: 0 };

const bySide = (facts: Facts, audience: string): Facts => ({ ...VISIT, audience, ...facts });
const missed = { owedFen: 3000, reason: 'INSUFFICIENT_FUNDS' };
const missedTab = (isPatient: boolean, hasOthers: boolean): Facts => ({
  ...settled(10_000, isPatient, hasOthers),
  ...missed,
});
const refund = (way: string): Facts => ({ ...VISIT, amountFen: 1200, way });
const late = { amountFen: 900 };
const lateItem = { itemCode: '250101015', occurredAt: CHARGED_AT };

/** Of each wording one notice. */
const NOTICES: readonly (readonly [wording: string, facts: Facts])[] = [
  ['visit-settled', settled(10_000, true, false)],
  ['visit-settled.partly', settled(10_000, true, true)],
  ['visit-settled.counter', settled(0, true, true)],
  ['visit-settled.payer', settled(10_000, false, false)],
  ['visit-settled.payer.partly', settled(10_000, false, true)],
  ['visit-settled.payer.counter', settled(0, false, true)],
  ['visit-settled.lent', { ...settled(10_000, true, false), ...LENT }],
  ['visit-settled.lent.partly', { ...settled(10_000, true, true), ...LENT }],
  ['visit-settled.payer.lent', { ...settled(10_000, false, false), ...LENT }],
  ['visit-settled.payer.lent.partly', { ...settled(10_000, false, true), ...LENT }],
  ['visit-settled.summary', { ...VISIT, patientDueFen: 3000, paidFen: 3000, refundedFen: 0 }],
  ['payment-missed', missedTab(true, false)],
  ['payment-missed.partly', missedTab(true, true)],
  ['payment-missed.payer', missedTab(false, false)],
  ['payment-missed.payer.partly', missedTab(false, true)],
  ['refund-completed', refund('channel')],
  ['refund-completed.account', refund('account')],
  ['refund-completed.transfer', refund('transfer')],
  ['refund-completed.cash', refund('cash')],
  ['visit-confirmation', { ...VISIT, answerUntil: CHARGED_AT, code: 'Xk3vTq0aZb7nLw9cRd5yHg' }],
  [
    'presence-check',
    { ...VISIT, amountFen: 3000, endedAt: CHARGED_AT, code: 'Xk3vTq0aZb7nLw9cRd5yHg' },
  ],
  [
    'patient-check',
    { ...VISIT, amountFen: 3000, startedAt: CHARGED_AT, code: 'Xk3vTq0aZb7nLw9cRd5yHg' },
  ],
  ['late-charge', { ...VISIT, ...late, ...lateItem, code: 'Xk3vTq0aZb7nLw9cRd5yHg' }],
  [
    'late-not-deferred',
    bySide({ ...late, ...lateItem, itemCode: 'LOCAL-7', reason: 'ITEM_UNKNOWN' }, 'patient'),
  ],
  ['late-not-deferred.payer', bySide(late, 'payer')],
  ['late-in-question', bySide({ ...late, ...lateItem, reason: 'LATER_CLAIM_EXISTS' }, 'patient')],
  ['late-in-question.payer', bySide(late, 'payer')],
  ['service-opened', { lineFen: 500_000 }],
  ['line-changed', { fromFen: 500_000, lineFen: 300_000, reason: 'POLICY_IN_FORCE' }],
  ['score-expiring.keep', { expiresOn: '2026-04-01', becomes: 'keep' }],
  ['score-expiring.stop', { expiresOn: '2026-04-01', becomes: 'stop' }],
  ['score-appeal-decided.stands', { becomes: 'stands' }],
  ['score-appeal-decided.overridden', { becomes: 'overridden' }],
  ['arrears-reminded', { owedFen: 3000, since: '2026-03-02' }],
  ['default-announced', { owedFen: 3000, since: '2026-03-02', reportsOn: '2026-04-01' }],
  ['default-reported', { owedFen: 3000, since: '2026-03-02' }],
  ['default-taken-back', { owedFen: 3000, since: '2026-03-02' }],
  ['due-written-off', { ...VISIT, amountFen: 3000 }],
  ['objection-decided.stands', { becomes: 'stands' }],
  ['objection-decided.upheld', { becomes: 'upheld' }],
  ['service-closed', {}],
  ['came-of-age', {}],
  ['guardianship-ended', {}],
  ['account-frozen', { reason: 'OVERDUE' }],
  ['account-unfrozen', {}],
  ['erasure-begun', {}],
];

const texts = (
  wording: string,
  facts: Facts,
  { language, link }: { language: Language; link?: string },
): { mail: { subject: string; text: string }; phone: string } => {
  const notice = {
    template: wording.split('.')[0]!,
    ...{ facts, occurredAt: new Date('2026-03-02T09:00:00Z') },
  };
  const hospital = HOSPITALS[language];
  return {
    mail: render({ templates, phrases, link }, notice, { language, hospital }),
    phone: renderShort(shortTexts, notice, { language, hospital, link }).text,
  };
};

const FENCE = '```';
const section = ([wording, facts]: (typeof NOTICES)[number]): string => {
  const parts = (['zh', 'en'] as const).map((language) => {
    const { mail, phone } = texts(wording, facts, { language });
    return `${FENCE}text\n${mail.subject}\n\n${mail.text}\n\n--- SMS, app\n${phone}\n${FENCE}\n`;
  });
  return `## ${wording}\n\n${parts.join('\n')}`;
};

test('each wording is shown once', () => {
  expect(NOTICES.map(([wording]) => wording).sort()).toEqual(Object.keys(templates).sort());
});

test('people read exactly what the page shows', () => {
  const shown = page.slice(page.indexOf('## '));
  expect(shown).toBe(NOTICES.map(section).join('\n'));
});

test.each(NOTICES)('no reader of %s meets a code or an id', (wording, facts) => {
  for (const language of ['zh', 'en'] as const)
    for (const link of ['https://tab.example', undefined]) {
      const { mail, phone } = texts(wording, facts, { language, ...(link && { link }) });
      const all = `${mail.subject}${mail.text}${phone}`;
      expect(all).not.toMatch(/C[12]\b|250101015|LOCAL|H1|[A-Z]+_[A-Z]|undefined|\{/);
      const isOver = wording === 'erasure-begun';
      expect(mail.text).toMatch(isOver ? /service desk|服务窗口/ : /登录|[Ss]ign in/);
    }
});

test.each(NOTICES.filter(([wording]) => wording.includes('.payer')))(
  '%s says nothing of what was done',
  (wording, facts) => {
    const { mail, phone } = texts(wording, facts, { language: 'zh' });
    expect(`${mail.subject}${mail.text}${phone}`).not.toMatch(/血|·|目录|就诊号/);
  },
);
