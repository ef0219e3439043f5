import type { Codes } from './codes';
import type { Forwarder } from './forwarder';
import type { Journal } from './journal';
import type { Lists } from './lists';
import type { Notices } from './notices';
import type { PlatformClient } from './platform';
import type { PlatformClock } from './platform-clock';
import type { Entry, State } from './state';

export interface StatusParts {
  readonly state: State;
  readonly journal: Pick<Journal<Entry>, 'size' | 'fault'>;
  readonly lists: Lists;
  readonly clock: PlatformClock;
  readonly codes: Codes;
  readonly forwarder: Forwarder;
  readonly notices: Notices;
  readonly platform: PlatformClient;
  readonly messagesMax: number;
  readonly bytesMax: number;
  readonly now: () => number;
}

const KEYS_OLD_S = 86_400;
const LIST_OLD_S = 3_600;
const OFFSET_MS = 30_000;

/** How a node stands, for its operator's page and monitor: no personal data, and no code. */
export const statusOf = (parts: StatusParts) => {
  const { state, journal, lists, clock, codes, forwarder, notices, platform, now } = parts;
  const { waiting, refused, pendingReads } = state.counts;
  const { isThere, sinceMs, why } = platform.standing;
  const { keysSeconds, listSeconds } = lists.ages;
  const offsetMs = clock.last?.offsetMs ?? state.clock?.offsetMs;
  const usedElsewhere = codes.usedElsewhere.length;
  const oldest = [...state.messages.values()].find((message) => message.state === 'waiting');
  const faults = [
    ...(journal.fault === undefined ? [] : [journal.fault]),
    ...(isThere ? [] : [`the platform is away: ${why ?? 'it was not asked yet'}`]),
    ...(keysSeconds === undefined || keysSeconds > KEYS_OLD_S
      ? ['the keys of codes are missing or older than a day']
      : []),
    ...(listSeconds === undefined || listSeconds > LIST_OLD_S
      ? ['the card list is missing or older than an hour']
      : []),
    ...(offsetMs !== undefined && Math.abs(offsetMs) > OFFSET_MS
      ? ['the clock of this machine is off by over 30 s']
      : []),
    ...(forwarder.standing.held > 0
      ? [`messages are held that the platform does not answer: ${forwarder.standing.lastHeld}`]
      : []),
    ...(refused > 0 ? ['the platform refused messages: look at them, then discard them'] : []),
    ...(usedElsewhere > 0 ? ['codes that were read here were shown elsewhere too'] : []),
  ];
  return {
    status: faults.length === 0 ? 'ok' : 'degraded',
    faults,
    platform: {
      reachable: isThere,
      ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
      ...(why !== undefined && { why }),
    },
    clock: { offsetMs: offsetMs ?? null, roundTripMs: clock.last?.roundTripMs ?? null },
    codeKeys: { count: lists.keys.length, ageSeconds: keysSeconds ?? null },
    cardList: { refused: lists.refusedCount, ageSeconds: listSeconds ?? null },
    messages: {
      ...{ waiting, refused, held: forwarder.standing.held },
      oldestAgeSeconds: oldest ? Math.round((now() - Date.parse(oldest.at)) / 1_000) : 0,
      noticesWaiting: notices.waiting.length,
      max: parts.messagesMax,
    },
    codes: { read: state.reads.size, pending: pendingReads, usedElsewhere },
    disk: { journalBytes: journal.size, heldBytes: state.heldBytes, max: parts.bytesMax },
  };
};
export type Status = ReturnType<typeof statusOf>;

/** The same as gauges in the text form of Prometheus. */
export const metricsOf = (status: Status): string => {
  const { clock, codeKeys, cardList, messages, codes, disk, platform } = status;
  const gauges: readonly (readonly [string, number | null])[] = [
    ['platform_reachable', platform.reachable ? 1 : 0],
    ['messages_waiting', messages.waiting],
    ['messages_refused', messages.refused],
    ['oldest_message_age_seconds', messages.oldestAgeSeconds],
    ['codes_pending', codes.pending],
    ['codes_used_elsewhere', codes.usedElsewhere],
    ['code_keys_age_seconds', codeKeys.ageSeconds],
    ['card_list_age_seconds', cardList.ageSeconds],
    ['clock_offset_ms', clock.offsetMs],
    ['journal_bytes', disk.journalBytes],
  ];
  return gauges
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `caretab_front_node_${name} ${value}\n`)
    .join('');
};
