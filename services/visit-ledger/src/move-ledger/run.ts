import { type EventKeys, MemoryEventStore } from '@caretab/event-store';
import { systemClock, systemTimers } from '@caretab/kernel';
import { LedgerLock } from '../ledger-lock.adapter';
import { openLedger, storeIdOf } from '../ledger-store';
import { hasLedger, PgReaderCheckpoints } from './checkpoints.adapter';
import { moveLedger, MoveRefused, type MoveReport } from './move';
import { Usage } from '@caretab/command-line';
import { type MoveOptions, optionsOf } from './options';

interface Streams {
  /** What was asked for. */
  readonly out: (line: string) => void;
  /** How it goes on. */
  readonly progress: (line: string) => void;
}

/** The move with everything it opens; closes it again. */
const moved = async (
  { from, to, keys, checkpointsUrl, schema, dryRun }: MoveOptions,
  say: (line: string) => void,
): Promise<MoveReport> => {
  const lock = await LedgerLock.take({
    url: checkpointsUrl,
    schema,
    mode: 'alone',
    timers: systemTimers,
  });
  const opened: { close(): Promise<void> }[] = [];
  try {
    // Before anything is opened, because opening makes a schema: a mistyped database must stay as
    // it is.
    const checkpoints = new PgReaderCheckpoints(checkpointsUrl, schema);
    await checkpoints.read();
    if (from.kind === 'postgres' && !(await hasLedger(from)))
      throw new MoveRefused(
        `There is no ledger in the schema ${from.schema} of the database of --from.`,
      );
    const source = await openLedger(from, { keys, migrate: !dryRun });
    opened.push(source);
    const target =
      dryRun && to.kind === 'postgres' && !(await hasLedger(to))
        ? new MemoryEventStore({ keys })
        : await openLedger(to, { keys: withoutBoundary(keys), migrate: !dryRun });
    opened.push(target);
    return await moveLedger({
      source,
      sourceId: storeIdOf(from),
      target,
      targetId: storeIdOf(to),
      checkpoints,
      signedAfter: keys.signedAfter,
      clock: systemClock,
      say,
      dryRun,
    });
  } finally {
    await Promise.allSettled(opened.map((ledger) => ledger.close()));
    await lock.release();
  }
};

/** Its position is one of the source. That both are equal is proven with the signatures. */
const withoutBoundary = ({ current, keys }: EventKeys): EventKeys => ({ current, keys });

const verdictOf = (report: MoveReport): string => {
  const { events, streams, knownFaults, moved: copied, digest, checkpoints, signedAfter } = report;
  if (digest === undefined)
    return (
      `✔ can be moved: ${copied} of ${events} events in ${streams} streams are still ` +
      'to be copied; nothing was written'
    );
  const readers = checkpoints
    .map(({ reader, from, to }) => `  checkpoint ${reader}: ${from} → ${to}\n`)
    .join('');
  const boundary =
    signedAfter === undefined ? '' : `Set signedAfter of the keys to "${signedAfter}".\n`;
  const decided =
    knownFaults === 0
      ? ''
      : `  ${knownFaults} faults of streams that were set aside were copied as they are\n`;
  return (
    `✔ equal: ${events} events in ${streams} streams, ${copied} copied by this ` +
    `run, every chain verified on both sides\n${decided}  digest over the order of all ` +
    `${digest}\n${readers}${boundary}Set EVENTSTORE_URL to where the ledger is now (or leave ` +
    'it out for PostgreSQL), and start the service.'
  );
};

/** Runs the command line. Gives the exit status. */
export const run = async (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { out, progress }: Streams,
): Promise<number> => {
  let json = false;
  try {
    const options = optionsOf(args, env);
    ({ json } = options);
    const report = await moved(options, progress);
    out(json ? JSON.stringify({ ok: true, ...report }) : verdictOf(report));
    return 0;
  } catch (error) {
    const message = (error as Error).message || String(error);
    if (error instanceof Usage) out(message);
    else out(json ? JSON.stringify({ ok: false, reason: message }) : `✗ ${message}`);
    return error instanceof Usage ? error.exitCode : 1;
  }
};
