import type { CodeOutcome } from './activation';

/** What is asked of the public-data platform: which mobile number is registered for an ID number. */
export interface RegistryQuestion {
  /** The pushed answer names it. The same question again is one question. */
  readonly requestId: string;
  readonly idNumber: string;
}

/** The public-data platform (DB3301/T 0375: an ID number goes there, the mobile number is pushed back). */
export interface PublicData {
  /** `taken`: the answer will be pushed. `no-answer`: it may not have it, and is asked again. */
  ask(question: RegistryQuestion): Promise<'taken' | 'no-answer'>;
}

/** Sends a code to a number that is not known of anyone yet. */
export interface CodeSender {
  send(message: {
    readonly messageId: string;
    readonly mobile: string;
    readonly code: string;
    readonly language: 'zh' | 'en';
  }): Promise<CodeOutcome>;
}

/** Who is asked about a citizen outside; undefined: the operator has no such door. */
export interface Registries {
  readonly publicData: PublicData | undefined;
}
