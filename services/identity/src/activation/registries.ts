import type { CodeOutcome, InsuranceAnswer, Opening } from './activation-state';

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

/** The bureau's shared data: who is insured in the municipal scheme. */
export interface SharedData {
  insured(person: {
    readonly idNumber: string;
    readonly name: string;
  }): Promise<Exclude<InsuranceAnswer, 'unset'>>;
}

/** Credit, which opens the service. */
export interface Lines {
  open(question: {
    readonly personId: string;
    readonly activationId: string;
    /** Of the consents by which it is opened. */
    readonly consentRevision: number;
  }): Promise<Opening>;
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
  readonly sharedData: SharedData | undefined;
}
