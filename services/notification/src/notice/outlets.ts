import type { Transaction } from '@caretab/store';
import type { NoticeRow } from './notice.table';

/**
 * `not-sent`: certainly not delivered, may be tried again · `refused`: certainly not, and never
 * will be · `unknown`: the answer was lost · `forbidden`: not sent, its address is none of a receiver.
 */
export type SendOutcome = 'sent' | 'not-sent' | 'refused' | 'unknown' | 'forbidden';

/** What a notice that did not leave, or may not have, says of its last attempt. */
export const REASON_OF: Readonly<Record<Exclude<SendOutcome, 'sent'>, string>> = {
  refused: 'REFUSED',
  forbidden: 'ADDRESS_FORBIDDEN',
  'not-sent': 'NO_ANSWER',
  unknown: 'NO_ANSWER',
};

export interface Mailer {
  send(mail: {
    readonly noticeId: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }): Promise<SendOutcome>;
}

/** Short messages: by SMS to a number, or through the app to a person who bound it. */
export interface Messages {
  send(message: {
    readonly noticeId: string;
    readonly to: { readonly mobile: string } | { readonly personId: string };
    readonly language: 'zh' | 'en';
    /** The registered text, its parameters, and the whole as it is read. */
    readonly templateId: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly text: string;
  }): Promise<SendOutcome>;
}

export interface Webhooks {
  /** Receivers recognise a repetition by the notice id. */
  post(webhook: {
    readonly noticeId: string;
    readonly institutionId: string;
    readonly url: string;
    /** Each signs it, the oldest first. */
    readonly secrets: readonly string[];
    readonly body: string;
  }): Promise<SendOutcome>;
}

/** Where a person can be reached, asked for at the moment of sending and never kept. */
export interface Contacts {
  of(personId: string): Promise<
    | {
        readonly email: string | null;
        readonly mobile: string | null;
        readonly language: 'zh' | 'en';
      }
    | 'unknown'
    | 'erased'
    | 'unavailable'
  >;
}

/** Makes the code by which a citizen answers a notice, in the transaction that has it sent. */
export interface Codes {
  issue(notice: Pick<NoticeRow, 'noticeId' | 'facts'>, transaction: Transaction): Promise<string>;
}
