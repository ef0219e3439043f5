import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DerivedKeys, deriveKey, indexKey } from '@caretab/security';
import { Codes } from './codes';
import { Doors } from './doors';
import { takeFolder } from './folder';
import { Forwarder } from './forwarder';
import { Journal } from './journal';
import { Lists } from './lists';
import { Messages } from './messages';
import { Notices } from './notices';
import type { FrontNodeOptions } from './options';
import { PlatformClient } from './platform';
import { PlatformClock } from './platform-clock';
import { listen } from './server';
import { type Entry, State } from './state';
import { type Status, statusOf } from './status';

/** How often the node looks after itself: keys and list, reads, notices. */
const LOOK_MS = 5_000;
const LISTS_MS = 60_000;
const REWRITE_BYTES = 64_000_000;

export interface FrontNode {
  readonly url: string;
  status(): Status;
  /** Looks after keys, list, reads and notices now. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a node: what earlier runs took is sent, and its doors are open. */
export const startFrontNode = async (
  options: FrontNodeOptions,
  lookMs = LOOK_MS,
): Promise<FrontNode> => {
  const { folder, institutionId, messagesMax, bytesMax, dataKey, key } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = takeFolder(folder);
  const now = (): number => Date.now();
  const state = new State();
  const journal = await Journal.open<Entry>({
    folder: join(folder, 'journal'),
    keys: new DerivedKeys(dataKey, 'front node journal'),
    apply: (entry) => state.apply(entry),
  });
  const machine = { now, elapsedMs: () => performance.now() };
  const knownMs = Math.max(state.knownMs, Lists.knownMs(folder));
  const clock = new PlatformClock(machine, state.clock?.offsetMs, knownMs);
  const platform = new PlatformClient({
    ...{ url: options.platformUrl, identityUrl: options.identityUrl, now },
    key: options.institutionKey,
  });
  const lists = new Lists({ folder, platform, clock });
  const codes = new Codes({ journal, state, lists, clock, platform });
  const forwarder = new Forwarder({ journal, state, platform, now, chance: Math.random });
  const messages = new Messages({
    ...{ journal, state, codes, forwarder, institutionId, messagesMax, bytesMax, now },
    waitMs: options.waitMs,
    isThere: () => platform.standing.isThere,
  });
  const notices = new Notices({ url: options.noticesUrl, key, state, journal });
  const status = (): Status =>
    statusOf({
      ...{ state, journal, lists, clock, codes, forwarder, notices, platform, now },
      ...{ messagesMax, bytesMax },
    });
  const numberKey = deriveKey(indexKey(dataKey), 'front node codes');
  const doors = new Doors({ messages, codes, state, platform, status, institutionId, numberKey });
  let listsAtMs = -Infinity;
  const look = async (): Promise<void> => {
    const isDue = now() - listsAtMs >= LISTS_MS || !platform.standing.isThere;
    if (isDue && (await lists.refresh())) listsAtMs = now();
    const measured = clock.last;
    if (measured && isFarther(measured.offsetMs, state.clock?.offsetMs))
      await journal.append({
        ...{ type: 'clock', offsetMs: measured.offsetMs },
        measuredAt: measured.measuredAt.toISOString(),
      });
    if (platform.standing.isThere) await codes.synchronise();
    await notices.send();
    if (journal.size > REWRITE_BYTES + 2 * state.heldBytes)
      await journal.rewrite(() => state.entries(new Date(now())));
  };
  await look();
  forwarder.start();
  const server = await listen(doors, { host: options.host, port: options.port, key });
  const looking = repeat(look, lookMs);
  return {
    url: server.url,
    ...{ status, look },
    stop: async () => {
      await server.stop();
      await looking.stop();
      await forwarder.stop();
      await journal.close();
      release();
    },
  };
};

const isFarther = (offsetMs: number, kept: number | undefined): boolean =>
  kept === undefined || Math.abs(offsetMs - kept) > 1_000;

/** One after another, with a pause between them; a fault is said and the next look comes. */
const repeat = (work: () => Promise<void>, pauseMs: number): { stop(): Promise<void> } => {
  let [timer, isStopped]: [NodeJS.Timeout | undefined, boolean] = [undefined, false];
  let under: Promise<void> = Promise.resolve();
  const next = (): void => {
    timer = setTimeout(() => {
      under = work()
        .catch((error: unknown) => {
          const why = error instanceof Error ? error.message : 'unknown';
          process.stderr.write(`front node: the look failed: ${why}\n`);
        })
        .finally(() => {
          if (!isStopped) next();
        });
    }, pauseMs);
  };
  next();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await under;
    },
  };
};
