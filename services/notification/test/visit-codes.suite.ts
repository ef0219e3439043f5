import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixedClock } from '@caretab/doubles';
import type { Store } from '@caretab/store';
import { deathTable, institutionTable } from '../src/institution/institution.table';
import type { Contacts, Messages, SendOutcome } from '../src/notice/outlets';
import { SMS_CHARACTERS, type ShortTexts } from '../src/notice/short-text';
import { VisitCodes, visitCodeTable } from '../src/notice/visit-codes';

const shortTexts = JSON.parse(
  readFileSync(join(__dirname, '../data/short-texts.json'), 'utf8'),
) as ShortTexts;
const PERSON = 'p-00000000-0000-4000-8000-000000000001';
const VISIT = 'H1-V0001';
const MOBILE = '13800000001';

const worldOn = (store: Store) => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const sent: Parameters<Messages['send']>[0][] = [];
  const outcomes: SendOutcome[] = [];
  const contact = { email: null, mobile: MOBILE, language: 'zh' as const };
  const known: { contact: Awaited<ReturnType<Contacts['of']>> } = { contact };
  const sms: Messages = {
    send: async (one) => {
      sent.push(one);
      return outcomes.shift() ?? 'sent';
    },
  };
  let next = 123_455;
  const codes = new VisitCodes({
    ...{ store, clock, sms, shortTexts, unnamed: { zh: '医院', en: 'the hospital' } },
    contacts: { of: async () => known.contact },
    key: 'a key of the tests',
    chance: () => (next += 1),
  });
  const last = (): string => sent.at(-1)!.parameters['code']!;
  const wrong = (): string => (last() === '000000' ? '000001' : '000000');
  const tries = async (code: string, visitId = VISIT) => (await codes.check(visitId, code)).outcome;
  return { clock, codes, sent, outcomes, contact, known, last, wrong, tries };
};

/** The code by which who pays says yes at a desk, held by both stores. */
export const visitCodesSuite = (open: () => Promise<Store>): void => {
  test('goes to the known number with the hospital’s name, as one SMS, and is kept as a hash', async () => {
    const store = await open();
    const { codes, sent, last, tries } = worldOn(store);
    await store.transact((transaction) =>
      transaction
        .rows(institutionTable)
        .save({ institutionId: 'H1', webhookUrl: null, name: '第一医院' }),
    );
    expect(await codes.send(VISIT, PERSON)).toMatchObject({ outcome: 'sent' });
    expect(sent).toMatchObject([{ to: { mobile: MOBILE }, templateId: 'visit-code.zh' }]);
    expect(sent[0]!.text).toContain('第一医院');
    expect([...sent[0]!.text].length).toBeLessThanOrEqual(SMS_CHARACTERS.zh);
    const [row] = await store.transact((transaction) =>
      transaction.rows(visitCodeTable).find({ visitId: VISIT }),
    );
    expect(JSON.stringify(row)).not.toContain(last());
    expect(await tries(last())).toBe('right');
    // Its answer may be lost.
    expect(await tries(last())).toBe('right');
  });

  test('is of its visit alone, and for five minutes', async () => {
    const { clock, codes, last, tries } = worldOn(await open());
    await codes.send(VISIT, PERSON);
    const first = last();
    await codes.send('H2-V0001', PERSON);
    expect(await tries(first, 'H2-V0001')).toBe('wrong');
    expect(await tries(first, 'H1-V0002')).toBe('none');
    clock.advance(5 * 60_000 - 1);
    expect(await tries(first)).toBe('right');
    clock.advance(1);
    expect(await tries(first)).toBe('none');
  });

  test('five wrong ones end it, also when they come at once, and then the right one is none', async () => {
    const { clock, codes, last, wrong, tries } = worldOn(await open());
    await codes.send(VISIT, PERSON);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => tries(wrong())));
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(5);
    expect(await tries(last())).toBe('none');
    clock.advance(60_000);
    await codes.send(VISIT, PERSON);
    expect(await tries(last())).toBe('right');
  });

  test('one a minute and three a visit are sent, also when they are asked for at once', async () => {
    const { clock, codes, sent, tries } = worldOn(await open());
    const ask = async () => (await codes.send(VISIT, PERSON)).outcome;
    const asked = await Promise.all([ask(), ask(), ask(), ask()]);
    expect([...asked].sort()).toEqual(['sent', 'too-soon', 'too-soon', 'too-soon']);
    for (const expected of ['sent', 'sent', 'too-many']) {
      clock.advance(60_000);
      expect(await ask()).toBe(expected);
    }
    expect(sent).toHaveLength(3);
    // The former ones ended with the last.
    expect(await tries(sent[0]!.parameters['code']!)).toBe('wrong');
    expect(await tries(sent[2]!.parameters['code']!)).toBe('right');
  });

  test('who has no number, has died, or whose number is refused gets none; without identity it waits', async () => {
    const store = await open();
    const { codes, known, contact, outcomes, clock } = worldOn(store);
    const ask = async () => (await codes.send(VISIT, PERSON)).outcome;
    known.contact = { ...contact, mobile: null };
    expect(await ask()).toBe('none');
    known.contact = 'erased';
    expect(await ask()).toBe('none');
    known.contact = 'unavailable';
    await expect(ask()).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
    known.contact = contact;
    outcomes.push('refused');
    expect(await ask()).toBe('none');
    clock.advance(60_000);
    await store.transact((transaction) =>
      transaction.rows(deathTable).save({ personId: PERSON, died: true, revision: 1 }),
    );
    expect(await ask()).toBe('none');
  });
};
