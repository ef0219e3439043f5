import type { Transaction } from '@caretab/store';
import type { Delivery } from './delivery';
import type { NoticeRow } from './notice.table';
import type { Codes, Contacts, Mailer, Messages, SendOutcome } from './outlets';
import { renderShort, type ShortTexts } from './short-text';
import { render, type Wording } from './templates';
import { isWay, WAYS, type Way, waysFrom } from './ways';

/** A notice ready to go by one way, and the way to try when this one does not take it. */
export interface ReadyForPerson {
  readonly way: Way;
  readonly next: Way | undefined;
  /** With the code that was made for it, where it is to have one. */
  readonly send: (code: string | undefined) => Promise<SendOutcome>;
}

export interface PersonOutletsParts {
  readonly mailer: Mailer;
  /** None where the operator has no such provider. */
  readonly app: Messages | undefined;
  readonly sms: Messages | undefined;
  readonly contacts: Contacts;
  readonly codes: Codes;
  readonly wording: Wording;
  readonly shortTexts: ShortTexts;
}

/** How notices reach people: by app, SMS or e-mail, whichever is there first in this order. */
export class PersonOutlets {
  /** The ways that the operator has. */
  readonly ways: readonly Way[];

  constructor(private readonly parts: PersonOutletsParts) {
    this.ways = WAYS.filter((way) => way === 'email' || parts[way] !== undefined);
  }

  /** Prepares a notice for the first way, from its own on, that the person wants and has. */
  async prepare({
    notice,
    preference,
    hospital: named,
  }: Delivery): Promise<ReadyForPerson | 'not-wanted' | 'no-address' | 'erased' | 'later'> {
    const { contacts, wording, shortTexts, mailer } = this.parts;
    const wanted = this.ways.filter((way) => preference?.channels.includes(way) ?? true);
    if (wanted.length === 0) return 'not-wanted';
    const contact = await contacts.of(notice.recipientId);
    if (contact === 'unavailable') return 'later';
    if (contact === 'erased') return 'erased';
    if (contact === 'unknown' || !isWay(notice.channel)) return 'no-address';
    const { email, mobile } = contact;
    const open = waysFrom(notice.channel, wanted).filter(
      (way) => way === 'app' || (way === 'sms' ? mobile : email) !== null,
    );
    const [way, next] = open;
    if (way === undefined) return 'no-address';
    const language = preference?.language ?? contact.language;
    const hospital = named === null ? wording.phrases.hospitalUnnamed[language] : named;
    const { noticeId, recipientId } = notice;
    if (way === 'email') {
      const said = (code?: string) =>
        render(wording, withCode(notice, code), { language, hospital });
      return { way, next, send: (code) => mailer.send({ noticeId, to: email!, ...said(code) }) };
    }
    const to = way === 'app' ? { personId: recipientId } : { mobile: mobile! };
    const short = (code?: string) =>
      renderShort(shortTexts, withCode(notice, code), { language, hospital, link: wording.link });
    const sends = this.parts[way]!;
    return { way, next, send: (code) => sends.send({ noticeId, to, language, ...short(code) }) };
  }

  /** Makes the code of a notice that has one; undefined: it has none. */
  async codeOf(notice: NoticeRow, transaction: Transaction): Promise<string | undefined> {
    return ASKING.has(notice.template) ? this.parts.codes.issue(notice, transaction) : undefined;
  }
}

/** Notices with a question; each has a code to answer with. */
const ASKING: ReadonlySet<string> = new Set([
  ...['late-charge', 'presence-check', 'patient-check', 'visit-confirmation'],
]);

/** The code is in no row and no topic but in the notice alone. */
const withCode = (notice: NoticeRow, code: string | undefined): NoticeRow =>
  code === undefined ? notice : { ...notice, facts: { ...notice.facts, code } };
