import type { Messages } from './outlets';
import { renderShort, type ShortTexts } from './short-text';

export interface CodeMessage {
  readonly messageId: string;
  readonly mobile: string;
  readonly code: string;
  readonly language: 'zh' | 'en';
}

/** Codes to numbers that are not known of anyone yet: handed over at once, and kept nowhere. */
export class CodeMessages {
  constructor(
    private readonly parts: {
      /** None where the operator has no such provider. */
      readonly sms: Messages | undefined;
      readonly shortTexts: ShortTexts;
    },
  ) {}

  /** What may have been sent counts as sent: it may be on its way. */
  async send({
    messageId,
    mobile,
    code,
    language,
  }: CodeMessage): Promise<'sent' | 'not-sent' | 'refused' | 'none'> {
    const { sms, shortTexts } = this.parts;
    if (!sms) return 'none';
    const notice = { template: 'mobile-code', facts: { code } };
    const reading = { language, hospital: undefined, link: undefined };
    const text = renderShort(shortTexts, notice, reading);
    const outcome = await sms.send({ noticeId: messageId, to: { mobile }, language, ...text });
    if (outcome === 'not-sent') return 'not-sent';
    return outcome === 'sent' || outcome === 'unknown' ? 'sent' : 'refused';
  }
}
