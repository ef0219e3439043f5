import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DerivedKeys, deriveKey, indexKey } from '@caretab/security';
import { Codes } from './codes';
import { Doors } from './doors';
import { takeFolder } from './folder';
import { Forwarder } from './forwarder';
import { type Hl7DoorParts, listenHl7 } from './hl7-door';
import { Hl7Line } from './hl7-line';
import { Journal } from './journal';
import { Lists } from './lists';
import { Messages } from './messages';
import { Notices } from './notices';
import type { FrontNodeOptions } from './options';
import { PlatformClient, type Said } from './platform';
import { PlatformClock } from './platform-clock';
import { listen } from './server';
import { type Entry, HL7_PATH, State } from './state';
import { type Status, statusOf } from './status';

/** How often the node looks after itself: keys and list, reads, notices. */
const LOOK_MS = 5_000;
const LISTS_MS = 60_000;
const REWRITE_BYTES = 64_000_000;

export interface FrontNode {
  readonly url: string;
  /** Where it takes HL7, where it does. */
  readonly hl7Port?: number;
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
  const line = options.hl7 && new Hl7Line(options.hl7.platform);
  const forwarder = new Forwarder({
    ...{ journal, state, now, chance: Math.random },
    platform: routed(platform, line),
  });
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
  const hl7 = await hl7DoorOf(options, line, { messages, now });
  const looking = repeat(look, lookMs);
  return {
    url: server.url,
    ...(hl7 && { hl7Port: hl7.port }),
    ...{ status, look },
    stop: async () => {
      await server.stop();
      await hl7?.stop();
      await looking.stop();
      await forwarder.stop();
      line?.close();
      await journal.close();
      release();
    },
  };
};

type Asked = Pick<PlatformClient, 'ask'>;

/** What came over HL7 goes out so; what an earlier run took waits until it is said where it goes. */
const routed = (platform: Asked, line: Hl7Line | undefined): Asked => ({
  ask: async (question): Promise<Said> => {
    if (!question.path.startsWith(HL7_PATH)) return platform.ask(question);
    const why = '--hl7-platform is missing';
    return line?.ask(question) ?? { outcome: 'held', why, status: 0, body: null };
  },
});

const hl7DoorOf = async (
  { hl7, host, waitMs }: FrontNodeOptions,
  line: Hl7Line | undefined,
  parts: Pick<Hl7DoorParts, 'messages' | 'now'>,
): Promise<Awaited<ReturnType<typeof listenHl7>> | undefined> =>
  hl7 && line && listenHl7({ ...parts, line, waitMs }, { host, port: hl7.port });

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
