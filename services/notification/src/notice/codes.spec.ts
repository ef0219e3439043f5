import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodeMessages } from './codes';
import type { Messages, SendOutcome } from './outlets';
import { SMS_CHARACTERS, type ShortTexts } from './short-text';

const shortTexts = JSON.parse(
  readFileSync(join(__dirname, '../../data/short-texts.json'), 'utf8'),
) as ShortTexts;
const message = { messageId: 'a-1-2', mobile: '13800000001', code: '012345' } as const;

const sending = (outcome: SendOutcome) => {
  const sent: Parameters<Messages['send']>[0][] = [];
  const sms: Messages = {
    send: async (one) => {
      sent.push(one);
      return outcome;
    },
  };
  return { codes: new CodeMessages({ sms, shortTexts }), sent };
};

test.each(['zh', 'en'] as const)(
  'a code in %s is one SMS, with its signature',
  async (language) => {
    const { codes, sent } = sending('sent');
    expect(await codes.send({ ...message, language })).toBe('sent');
    expect(sent).toMatchObject([
      { noticeId: 'a-1-2', to: { mobile: message.mobile }, templateId: `mobile-code.${language}` },
    ]);
    expect(sent[0]!.parameters).toEqual({ code: '012345' });
    expect(sent[0]!.text).toMatch(language === 'zh' ? /^【先诊后付】验证码012345，/ : /012345/);
    expect([...sent[0]!.text].length).toBeLessThanOrEqual(SMS_CHARACTERS[language]);
  },
);

test.each<[SendOutcome, string]>([
  ['unknown', 'sent'],
  ['not-sent', 'not-sent'],
  ['refused', 'refused'],
])('what is %s is answered as %s', async (outcome, expected) => {
  expect(await sending(outcome).codes.send({ ...message, language: 'zh' })).toBe(expected);
});

test('without an SMS provider none is sent', async () => {
  const codes = new CodeMessages({ sms: undefined, shortTexts });
  expect(await codes.send({ ...message, language: 'zh' })).toBe('none');
});
