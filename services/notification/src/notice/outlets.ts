/**
 * `not-sent`: certainly not delivered, may be tried again · `refused`: certainly not, and never
 * will be · `unknown`: the answer was lost.
 */
export type SendOutcome = 'sent' | 'not-sent' | 'refused' | 'unknown';

export interface Mailer {
  send(mail: {
    readonly noticeId: string;
    readonly to: string;
    readonly subject: string;
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
  of(
    personId: string,
  ): Promise<
    { readonly email: string | null; readonly language: 'zh' | 'en' } | 'unknown' | 'unavailable'
  >;
}
