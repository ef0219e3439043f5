import type { BatchHandler } from './bus';
import { reasonOf } from './parking';

/** So many keys that fail alike, with none that succeeds, are taken for an outage. */
export const ALIKE_KEYS = 3;
/** Between two probes, doubling; of one key alone there are more, for others wait behind it. */
const PROBE_FIRST_MS = 500;
const PROBE_LAST_MS = 30_000;
const PROBE_OF_FEW_LAST_MS = 2_000;
/** After so much waiting it was no outage, or it has to be looked at: keys are held. */
const OUTAGE_MS_MAX = 10 * 60_000;
const SUSPICION_OF_FEW_MS_MAX = 30_000;

export interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export interface WaitingPartition extends Place {
  /** Code of the error. */
  readonly why: string;
  readonly since: Date;
}

interface Suspicion {
  waitedMs: number;
  nextMs: number;
  readonly successesBefore: number;
}

export const placeOf = (
  { group }: { readonly group: string },
  { topic, partition }: Parameters<BatchHandler>[0],
): Place => ({ group, topic, partition });

const nameOf = ({ group, topic, partition }: Place): string => `${group} ${topic} ${partition}`;

/**
 * Tells a message that cannot be handled from an outage that has no name: where nothing of the group
 * succeeds, in any partition, all that fails alike waits; one probe after the other.
 */
export class Suspicions {
  private readonly places = new Map<string, Suspicion>();
  private readonly successes = new Map<string, number>();
  private readonly waits = new Map<string, WaitingPartition>();

  /** A message of the group was handled. */
  succeeded(group: string): void {
    this.successes.set(group, (this.successes.get(group) ?? 0) + 1);
  }

  /** How long to wait before the next probe; undefined when the messages are to blame. */
  waitMsOf(place: Place, errors: readonly unknown[]): number | undefined {
    const reasons = new Set(errors.map((error) => JSON.stringify(reasonOf(error))));
    if (reasons.size > 1) return undefined;
    const name = nameOf(place);
    const successes = this.successes.get(place.group) ?? 0;
    const known = this.places.get(name) ?? {
      waitedMs: 0,
      nextMs: PROBE_FIRST_MS,
      successesBefore: successes,
    };
    const isMany = errors.length >= ALIKE_KEYS;
    const isOver =
      successes > known.successesBefore ||
      known.waitedMs >= (isMany ? OUTAGE_MS_MAX : SUSPICION_OF_FEW_MS_MAX);
    if (isOver) {
      this.places.delete(name);
      return undefined;
    }
    const waitMs = Math.min(known.nextMs, isMany ? PROBE_LAST_MS : PROBE_OF_FEW_LAST_MS);
    this.places.set(name, {
      ...known,
      waitedMs: known.waitedMs + waitMs,
      nextMs: known.nextMs * 2,
    });
    return waitMs;
  }

  /** A partition waits for what is away. */
  wait(place: Place, why: string, now: Date): void {
    const name = nameOf(place);
    const since = this.waits.get(name)?.since ?? now;
    this.waits.set(name, { ...place, why, since });
  }

  /** A batch of the partition was worked off. */
  end(place: Place): void {
    this.places.delete(nameOf(place));
    this.waits.delete(nameOf(place));
  }

  waiting(service: string): readonly WaitingPartition[] {
    return [...this.waits.values()].filter(({ group }) => group.startsWith(`${service}.`));
  }
}
