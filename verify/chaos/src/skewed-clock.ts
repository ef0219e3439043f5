import { readFileSync } from 'node:fs';

/**
 * Loaded before a service (`--require`), and only under fire: moves the wall clock of the process
 * (`Date`) by the milliseconds that stand in the file CLOCK_OFFSET_FILE, as setting a machine's
 * clock would. Timers and performance.now() continue, as they do there.
 */
const READ_INTERVAL_MS = 100;

const install = (file: string): void => {
  const Real = Date;
  const realNow = Real.now.bind(Real);
  let offsetMs = 0;
  const read = (): void => {
    try {
      const wanted = Number(readFileSync(file, 'utf8'));
      if (Number.isFinite(wanted)) offsetMs = wanted;
    } catch {
      // The clock was not moved yet.
    }
  };
  const now = (): number => realNow() + offsetMs;
  // Dates stay real ones, with the real prototype: drivers look at what they are given.
  const Skewed: DateConstructor = new Proxy(Real, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(
        target,
        args.length === 0 ? [now()] : args,
        newTarget === Skewed ? target : newTarget,
      ) as object,
    apply: () => new Real(now()).toString(),
  });
  Real.now = now;
  Real.prototype.constructor = Skewed;
  globalThis.Date = Skewed;
  read();
  setInterval(read, READ_INTERVAL_MS).unref();
};

const file = process.env['CLOCK_OFFSET_FILE'];
if (file) install(file);
