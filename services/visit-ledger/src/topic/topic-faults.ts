import type { Message } from '@caretab/bus';
import { contentHash } from '@caretab/kernel';

/**
 * `unsigned`: no author of the topic signed it as it is · `forged`: the ledger signed it, and the log
 * has no such fact · `changed`: the fact is there and says something else · `missing`: the fact was
 * published, and is not on the topic.
 */
export interface TopicFault {
  readonly kind: 'unsigned' | 'forged' | 'changed' | 'missing';
  readonly visitId: string;
  readonly messageId: string;
  /** Of the fact; null: there is none. */
  readonly stream: string | null;
  readonly revision: number | null;
  /** Of the message; null: there is none. */
  readonly partition: number | null;
  readonly offset: string | null;
  /** What differs, by name. */
  readonly fields: readonly string[];
}

export interface TopicReport {
  readonly topic: string;
  readonly messages: number;
  /** Published facts that have to be on the topic. */
  readonly facts: number;
  /** From when on facts were recorded that have to be there. */
  readonly since: Date;
  /** Messages of visits that are or were set aside: no stream says what they should be. */
  readonly aside: number;
  readonly faultsFound: number;
  /** The first hundred. */
  readonly faults: readonly TopicFault[];
}

const FAULTS_MAX = 100;

export class TopicFaults {
  readonly first: TopicFault[] = [];
  found = 0;

  add(fault: TopicFault): void {
    this.found += 1;
    if (this.first.length < FAULTS_MAX) this.first.push(fault);
  }
}

/** A trace is the way of a message; these are what it says. */
const SAID = ['ce_id', 'ce_type', 'ce_source', 'ce_time', 'ce_causationid'];

type Said = Pick<Message, 'key' | 'headers'> & { readonly value: unknown };

/** What a message says: the same for the message that was sent and the one that came. */
export const sayingOf = ({ key, headers, value }: Said): ReadonlyMap<string, string> =>
  new Map([
    ['key', key],
    ...SAID.map((name): [string, string] => [name, headers[name] ?? '']),
    ...Object.entries((value ?? {}) as object)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]): [string, string] => [`data.${name}`, contentHash({ part })]),
  ]);

/** Names of what differs between two messages. */
export const differing = (one: Said, other: Said): readonly string[] => {
  const [ours, theirs] = [sayingOf(one), sayingOf(other)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter(
    (name) => ours.get(name) !== theirs.get(name),
  );
};
