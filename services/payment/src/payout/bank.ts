/** A file of ours for the bank. */
export interface FileToSend {
  readonly messageId: string;
  /** pain.001. */
  readonly content: string;
  /** SHA-256 of the content, in hex. */
  readonly contentHash: string;
}

export type Sent =
  | { readonly status: 'taken' }
  /** The bank carries out nothing of it. */
  | { readonly status: 'refused'; readonly reason: string }
  /** No answer, or none that the bank signed: nothing is known. */
  | { readonly status: 'no-answer' };

export type Found = { readonly status: 'taken' | 'unknown' | 'no-answer' };

/** A file of the bank's for us. */
export interface BankReport {
  readonly reportId: string;
  readonly kind: 'pain.002' | 'camt.053' | 'camt.054';
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
}

/** The bank that keeps the settlement account: files go to it, and it lays files ready. */
export interface Bank {
  /** Sends a file. The same message id is the same file: the bank carries it out once. */
  send(file: FileToSend): Promise<Sent>;
  /** Whether the bank has a file. */
  find(messageId: string): Promise<Found>;
  /**
   * What the bank has for us behind a report, in its order, at most a hundred. Throws
   * BANK_UNAVAILABLE (conflict).
   */
  reports(after?: string): Promise<readonly BankReport[]>;
  /**
   * The bytes of a report, which were compared with that hash before the first is
   * given. Throws BANK_UNAVAILABLE (conflict).
   */
  content(report: BankReport): AsyncIterable<Uint8Array>;
}
