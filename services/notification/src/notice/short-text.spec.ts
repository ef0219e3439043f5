import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert as holds, constantFrom, integer, property, string } from 'fast-check';
import type { Facts } from './notice.table';
import { renderShort, type ShortTexts, SMS_CHARACTERS } from './short-text';
import type { Templates } from './templates';

const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const shortTexts = dataOf('short-texts') as ShortTexts;
const templates = dataOf('templates') as Templates;
const LINK = 'https://jia.example/v';

const partly = (audience: 'patient' | 'payer', amountFen = 2000): Facts => ({
  visitId: 'H1-V0001',
  audience,
  grossFen: 10_000,
  insurersFen: 5000,
  patientDueFen: amountFen,
  paidFen: amountFen,
  refundedFen: 0,
  notDeferred: [{ chargeId: 'C1', itemCode: '250403053', amountFen, reason: 'OVER_LINE' }],
  notDeferredCount: 1,
  notDeferredFen: amountFen,
});

test('a message to a phone has amount, place and link, for the payer and the patient alike', () => {
  const short = (audience: 'patient' | 'payer') =>
    renderShort(
      shortTexts,
      { template: 'visit-settled', facts: partly(audience) },
      { language: 'zh', hospital: '第一医院', link: LINK },
    );
  expect(short('payer')).toEqual(short('patient'));
  expect(short('patient')).toEqual({
    templateId: 'visit-settled.partly.zh',
    parameters: {
      hospital: '第一医院',
      patientDueFen: '20.00',
      notDeferredFen: '20.00',
      link: LINK,
    },
    text: `【先诊后付】第一医院的账单已结清，应付20.00元；另有20.00元请到收费窗口支付。 ${LINK}`,
  });
});

test('whatever the hospital is called and the amount is, a message fits one SMS', () => {
  holds(
    property(
      string({ maxLength: 120, unit: 'grapheme' }),
      integer({ min: 0, max: 99_999_999 }),
      constantFrom('zh' as const, 'en' as const),
      (hospital, amountFen, language) => {
        const { text, parameters } = renderShort(
          shortTexts,
          { template: 'visit-settled', facts: partly('patient', amountFen) },
          { language, hospital, link: undefined },
        );
        expect([...text].length).toBeLessThanOrEqual(SMS_CHARACTERS[language]);
        expect(text).toContain(parameters['patientDueFen']);
      },
    ),
  );
});

test('every notice to people has a text for a phone, and none names an item, reason or department', () => {
  const variants = Object.keys(templates).map((name) =>
    name.replace('.payer', '').replace('.summary', ''),
  );
  // Codes are no notices: one goes to a number that is no one's yet, one is asked for at a desk.
  expect(Object.keys(shortTexts.texts).sort()).toEqual(
    [...new Set([...variants, 'mobile-code', 'visit-code'])].sort(),
  );
  for (const { zh, en } of Object.values(shortTexts.texts))
    for (const field of `${zh}${en}`.matchAll(/\{(\w+)\}/g))
      expect(field[1]).toMatch(/^(?:hospital|code|expiresOn|reportsOn)$|Fen$/);
});
