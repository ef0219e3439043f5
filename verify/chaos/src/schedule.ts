import { type Random, seededRandom } from '@caretab/doubles';
import { type Fault, type Kind, LINE_FAULTS } from './faults';

export interface ScheduleOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly kinds: readonly Kind[];
}

/** What one fault gets on average, from its beginning to the beginning of the next. */
const MEAN_GAP_MS = 9000;
/** So often the next one comes while the one before is still there, or just over. */
const CLOSE_BEHIND = 0.3;
const OUTAGE_MS: Readonly<Record<Kind, readonly [number, number]>> = {
  'service-kill': [0, 5000],
  'service-stop': [0, 2000],
  // Longer than a consumer's session, sometimes: others take its partitions, and then it goes on.
  'service-pause': [500, 15_000],
  'postgres-kill': [0, 6000],
  'postgres-restart': [0, 3000],
  'postgres-backend-kill': [0, 0],
  'postgres-terminate': [0, 0],
  'postgres-line': [1000, 8000],
  'kafka-kill': [0, 6000],
  'kafka-restart': [0, 3000],
  'kafka-line': [1000, 8000],
  'door-line': [1000, 8000],
  'clock-jump': [0, 0],
  'right-lost': [2000, 8000],
  'wrong-key': [3000, 10_000],
  'foreign-event': [0, 0],
  'forged-event': [0, 0],
  'stream-truncated': [0, 0],
  'older-copy': [2000, 8000],
};
/** The end of a short run is not to be one long outage. */
const OUTAGE_SHARE_MAX = 0.1;

/**
 * How long until the next one, in parts of the mean: now and then right behind, else with time to
 * recover.
 */
const gap = (random: Random): number =>
  random.next() < CLOSE_BEHIND ? 0.05 + random.next() * 0.2 : 0.6 + random.next() * 1.4;

/**
 * Rounds in which each kind comes once, in an order of its own each: a pure function of the seed.
 * What lies at or after the end is left out.
 */
export const scheduleOf = ({ seed, durationMs, kinds }: ScheduleOptions): Fault[] => {
  const random = seededRandom(seed);
  const roundMs = Math.min(kinds.length * MEAN_GAP_MS, durationMs);
  const faults: Fault[] = [];
  for (let roundAtMs = 0; roundAtMs < durationMs; roundAtMs += roundMs) {
    const round = random.shuffle(kinds).map((kind) => ({ kind, gap: gap(random) }));
    const scale = roundMs / round.reduce((sum, one) => sum + one.gap, 0);
    let atMs = roundAtMs;
    for (const { kind, gap: parts } of round) {
      const [least, most] = OUTAGE_MS[kind];
      const outageMs = Math.min(
        random.integer(least, most),
        Math.round(durationMs * OUTAGE_SHARE_MAX),
      );
      const chances = { lot: random.next(), outageMs, way: random.pick(LINE_FAULTS) };
      if (atMs < durationMs)
        faults.push({ number: faults.length + 1, kind, atMs: Math.round(atMs), ...chances });
      atMs += parts * scale;
    }
  }
  return faults;
};
