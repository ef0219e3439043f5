import { InvariantViolation } from '@caretab/kernel';
import type { BatchHandler } from './bus';
import { isAwaited, isOfItsKey, reasonOf } from './parking';

/** So many keys that fail alike, with none that succeeds, are taken for an outage. */
export const ALIKE_KEYS = 3;
/** Between two probes, doubling; of one key alone there are more, for others wait behind it. */
const PROBE_FIRST_MS = 500;
const PROBE_LAST_MS = 30_000;
const PROBE_OF_FEW_LAST_MS = 2_000;
/**
 * After so much waiting, one or two keys are held, and the rest of the partition goes on: held
 * messages are tried again by themselves, so that an outage costs them their place in no queue.
 */
const SUSPICION_OF_FEW_MS_MAX = 3_000;

export interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export interface WaitingPartition extends Place {
  /** Code of the error, or its reason where it has none. */
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

/** SQLSTATE classes of values and of constraints. */
const OF_THE_DATA = /^2[23][0-9A-Z]{3}$/;

/**
 * A mistake in our code, a value that no column takes, what is wrong with this key alone, or what its
 * messages wait for: what is away fails in other ways.
 */
const blamesMessage = (error: unknown): boolean =>
  isOfItsKey(error) ||
  isAwaited(error) ||
  error instanceof InvariantViolation ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError ||
  error instanceof ReferenceError ||
  OF_THE_DATA.test(String((error as { readonly code?: unknown } | null)?.code ?? ''));

export const placeName = ({ group, topic, partition }: Place): string =>
  `${group} ${topic} ${partition}`;

/**
 * Distinguishes a message that cannot be handled from an outage that has no name: where nothing of
 * the group succeeds, in any partition, all that fails alike waits; one probe after the other.
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
    if (reasons.size > 1 || errors.every(blamesMessage)) return undefined;
    const name = placeName(place);
    const successes = this.successes.get(place.group) ?? 0;
    const known = this.places.get(name) ?? {
      waitedMs: 0,
      nextMs: PROBE_FIRST_MS,
      successesBefore: successes,
    };
    const isMany = errors.length >= ALIKE_KEYS;
    const isOver =
      successes > known.successesBefore || (!isMany && known.waitedMs >= SUSPICION_OF_FEW_MS_MAX);
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
    const name = placeName(place);
    const since = this.waits.get(name)?.since ?? now;
    this.waits.set(name, { ...place, why, since });
  }

  /** A batch of the partition was worked off. */
  end(place: Place): void {
    this.places.delete(placeName(place));
    this.waits.delete(placeName(place));
  }

  waiting(service: string): readonly WaitingPartition[] {
    return [...this.waits.values()].filter(({ group }) => group.startsWith(`${service}.`));
  }
}
