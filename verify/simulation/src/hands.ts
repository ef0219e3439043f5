import type { LogCopy } from '@caretab/event-store';
import type { ParkedRow } from '@caretab/bus';
import type { Actors } from './actors';
import type { HandsPlan } from './hands-plan';
import type { JudgedRun } from './judged-run';
import type { LedgerTwins } from './ledger-twins';
import type { Plan } from './plan';
import { rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';
import { must, type Violation } from './violation';

/** A stream is truncated once all of it was read. */
const RETRY_MS = 500;
/** How a handler fails that does not know why. */
const HANDLER_FAILED = 'HANDLER_FAILED';
/** Other troubles of the storm; tables that are not there yet play an error without a name. */
const OUTAGES = /^(ConnectionBroken|EventStoreUnavailable|QueryFailed 42P01)/;
/** What was parked for such a trouble is tried again, and fails for another. */
const AWAY = /^The event store is not available/;
/** A message is parked after so many attempts; each that is made by itself afterwards counts. */
const ATTEMPTS_MAX = 5;

/** Puts back what was taken. */
type PutBack = () => void;

/** Plays the plan; it ends with the storm, should its time not have come. */
export const beginHands = (
  world: SimulatedPlatform,
  { plan, people }: { readonly plan: Plan; readonly people: Actors },
): void => {
  const { hands } = plan;
  if (!hands) return;
  let putBack: PutBack | undefined;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    const put = putBack;
    putBack = undefined;
    try {
      put?.();
    } catch (error) {
      world.found ??= error as Violation;
    }
  };
  world.ledger.putBack = end;
  const begin = (deed: () => PutBack | undefined): void => {
    if (isOver) return;
    putBack = deed();
    if (!putBack && hands.kind === 'truncated')
      return void world.scheduler.after(RETRY_MS, 'other hands try again', () => begin(deed));
    if (!putBack) return;
    world.tell(`${world.scheduler.stamp()} other hands: ${hands.kind}`);
    world.scheduler.after(hands.forMs, `other hands: ${hands.kind}, over`, end);
  };
  if (hands.kind === 'older copy') {
    const copy = (): void => {
      const older = world.events.log.copied();
      world.scheduler.after(hands.ageMs, 'the copy is put back', () => {
        begin(() => replaced(world, older));
        // Nothing was written since.
        if (!putBack && !isOver) copy();
      });
    };
    world.scheduler.after(hands.atMs - hands.ageMs, 'the log is copied', copy);
    return;
  }
  world.scheduler.after(hands.atMs, `other hands: ${hands.kind}`, () =>
    begin(() =>
      deeds[hands.kind as keyof typeof deeds](world, {
        stream: streamOf(plan, people, hands),
        takesAll: hands.takesAll,
      }),
    ),
  );
};

/** Of a shortened plan the visit may be left out. */
const streamOf = ({ visits }: Plan, people: Actors, { visit }: HandsPlan): string =>
  visits[visit] ? `visit-${people.visitIdOf(visits[visit])}` : '';

const lose = (ledger: LedgerTwins): void => {
  ledger.isWhole = false;
  ledger.losses += 1;
};

/** Nothing was written into the copy: what was accepted meanwhile would be lost with it. */
const replaced = (world: SimulatedPlatform, older: LogCopy): PutBack | undefined => {
  const { log } = world.events;
  const newest = log.copied();
  if (older.length === 0 || older.length === newest.length) return undefined;
  log.put(older);
  lose(world.ledger);
  const nothingParked = parkingWatch(world);
  return () => {
    must(log.events.length === older.length, 'chain', () => ({
      olderCopy: log.events.slice(older.length).map(({ stream, type }) => `${type} in ${stream}`),
    }));
    log.put(newest);
    world.ledger.isWhole = true;
    nothingParked();
  };
};

interface Victim {
  readonly stream: string;
  readonly takesAll: boolean;
}

const deeds = {
  truncated: (world: SimulatedPlatform, { stream, takesAll }: Victim): PutBack | undefined => {
    const { log } = world.events;
    // What every reader has: who reads what is left passes by the rest.
    const readTo = Math.min(
      ...rows<{ position: string }>(world, 'visit-ledger', 'checkpoint').map((one) =>
        Number(one.position),
      ),
    );
    const all = log.stream(stream);
    const end = Number(all.at(-1)?.position);
    // A visit that is set aside is published once it goes on. A reader whose own event is gone takes
    // the log for an older copy.
    if (all.length < 2 || end > readTo || (takesAll && end === readTo)) return undefined;
    const taken = takesAll ? all : all.slice(0, -1);
    const known = new Set(all);
    log.truncate(stream, taken.at(-1)!.revision + 1);
    lose(world.ledger);
    world.ledger.truncated = stream;
    return () => {
      const continued = log.stream(stream).filter((event) => !known.has(event));
      world.ledger.isWhole = true;
      log.put([...taken, ...log.events].sort((a, b) => Number(a.position - b.position)));
      must(continued.length === 0, 'chain', () => ({
        continued: continued.map(({ type, revision }) => `${type} at ${revision} of ${stream}`),
      }));
    };
  },
  'right lost': (world: SimulatedPlatform): PutBack => {
    world.events.log.refuse(true);
    const nothingParked = parkingWatch(world);
    return () => {
      world.events.log.refuse(false);
      nothingParked();
    };
  },
  'wrong key': (world: SimulatedPlatform): PutBack | undefined => {
    if (world.events.count === 0) return undefined;
    world.ledger.hasWrongKey = true;
    world.killAll('visit-ledger');
    const nothingParked = parkingWatch(world);
    return () => {
      world.ledger.hasWrongKey = false;
      nothingParked();
    };
  },
};

/** It was no fault of any message: says so at its end. What had been parked before may fail again. */
const parkingWatch = (world: SimulatedPlatform): (() => void) => {
  const parked = (): ParkedRow[] => rows<ParkedRow>(world, 'visit-ledger', 'parked');
  const before = new Set(parked().map(({ id }) => id));
  return () => {
    const isTriedAgain = ({ id, reason, attempts }: ParkedRow): boolean =>
      before.has(id) || (AWAY.test(reason) && attempts > ATTEMPTS_MAX);
    const blamed = parked().filter(
      (row) => row.code === HANDLER_FAILED && !OUTAGES.test(row.reason) && !isTriedAgain(row),
    );
    must(blamed.length === 0, 'parked', () => blamed.map(({ key, reason }) => ({ key, reason })));
  };
};

interface SetAside {
  readonly visitId: string;
}

/** Only the visits whose streams others touched were ever set aside. */
export const setAsideAreTouched = ({ world, plan, people }: JudgedRun): void => {
  const { hands, intrusion } = plan;
  const touched = [hands?.kind === 'truncated' ? hands.visit : undefined, intrusion?.visit]
    .filter((visit) => visit !== undefined && plan.visits[visit])
    .map((visit) => people.visitIdOf(plan.visits[visit!]!));
  for (const { visitId } of rows<SetAside>(world, 'visit-ledger', 'set_aside'))
    must(touched.includes(visitId), 'chain', () => ({ setAside: visitId, touched }));
};
