/** Which messages a group handled. */
export interface Handled {
  readonly group: string;
  readonly topic: string;
  readonly range: HandledRange;
}

/** Offsets of messages that were handled together; `next` is that of the first one after them. */
export interface HandledRange {
  readonly partition: number;
  readonly from: number;
  readonly next: number;
}

/** A group handled every message of a partition before `offset`. */
export interface Position {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
