import { systemClock } from '@caretab/kernel';
import type { TypeOrmStore } from '@caretab/store';
import type { Start } from './start';

/** A leap of the database's clock is followed within this time. */
export const CLOCK_LOOK_INTERVAL_MS = 10_000;

/** Less is the time that answers take. */
const LEAP_MS = 1_000;

/**
 * From here on the time of this process is the database's: due times, leases and expiries go by it
 * in every process alike. Services side by side share a server, so one store is asked.
 */
export const followDatabase = async (
  { jobs, log, closing }: Pick<Start, 'jobs' | 'log' | 'closing'>,
  store: Pick<TypeOrmStore, 'now'>,
): Promise<void> => {
  const look = async (): Promise<number> => {
    const movedMs = Math.round(await systemClock.follow(() => store.now()));
    if (Math.abs(movedMs) >= LEAP_MS)
      log.warn({ movedMs }, 'clock: moved to the time of the database');
    return 0;
  };
  closing.add('clock', async () => systemClock.release());
  await look();
  jobs.every('caretab.clock', CLOCK_LOOK_INTERVAL_MS, look);
};
