import type { Timers } from '@caretab/kernel';
import type { Invariant } from './violation';

/** What one seed came to, as it travels between processes. */
export interface SeedResult {
  readonly seed: number;
  readonly steps: number;
  readonly crashes: number;
  readonly visits: number;
  /** Faults by kind, and situations met. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly situations: Readonly<Record<string, number>>;
  readonly violation?: { readonly invariant: Invariant; readonly details: string };
}

/** A process that runs seeds, one at a time. */
export interface SeedWorker {
  /** Rejects when the process ends before it answers. */
  run(seed: number): Promise<SeedResult>;
  end(): void;
}

export interface Division {
  readonly from: number;
  readonly seeds: number;
  readonly hands: number;
  readonly start: () => SeedWorker;
  readonly timers: Timers;
  /** Real time in which a seed has to end. */
  readonly seedTimeoutMs: number;
  readonly done: (result: SeedResult) => void;
}

/** The lowest seed that failed: by a violation, or because its process died or it never ended. */
export interface Failure {
  readonly seed: number;
  readonly violation?: SeedResult['violation'];
  readonly why?: string;
}

/**
 * Shares seeds among processes, lowest first. After a failure no seed above it is begun, but those
 * below it are ended: which one is reported does not depend on speed.
 */
export const divide = async (division: Division): Promise<Failure | undefined> => {
  const { from, seeds, hands, done } = division;
  let next = from;
  let failure: Failure | undefined;
  const fail = (found: Failure): void =>
    void (failure = failure && failure.seed < found.seed ? failure : found);
  const work = async (): Promise<void> => {
    let hand: SeedWorker | undefined;
    while (next < Math.min(from + seeds, failure?.seed ?? Infinity)) {
      const seed = next;
      next += 1;
      hand ??= division.start();
      const result = await inTime(division, hand, seed);
      if ('why' in result) {
        fail(result);
        hand.end();
        hand = undefined;
      } else {
        done(result);
        if (result.violation) fail({ seed, violation: result.violation });
      }
    }
    hand?.end();
  };
  await Promise.all(Array.from({ length: Math.min(hands, seeds) }, work));
  return failure;
};

const inTime = async (
  { timers, seedTimeoutMs }: Division,
  hand: SeedWorker,
  seed: number,
): Promise<SeedResult | Required<Pick<Failure, 'seed' | 'why'>>> => {
  const answered = new AbortController();
  const late = timers.sleep(seedTimeoutMs, answered.signal).then(
    () => ({ seed, why: `it did not end within ${seedTimeoutMs / 1000} s` }),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([hand.run(seed), late]);
  } catch (error) {
    return { seed, why: (error as Error).message };
  } finally {
    answered.abort();
  }
};
