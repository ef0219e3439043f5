import { type SimulationOptions, Usage } from './options';
import { type PlantedBug, plantedBugs } from './planted-bugs';
import { shrink } from './shrink';
import { BEGINS, type Outcome, simulate } from './simulate';
import { INVARIANTS } from './violation';

const PROGRESS_EVERY_MS = 2_000;

interface Sums {
  seeds: number;
  steps: number;
  faults: number;
  crashes: number;
  visits: number;
}

const bugOf = (name: string | undefined): PlantedBug | undefined => {
  const bug = plantedBugs.find((each) => each.name === name);
  if (name !== undefined && !bug) throw new Usage(`There is no planted bug called ${name}: ${plantedBugs.map((each) => each.name).join(', ')}.`, 2);
  return bug;
};

/** Runs seeds until one fails or all have held; prints progress, the verdict and one JSON line. Resolves to the exit status. */
export const runCommand = async (options: SimulationOptions, print: (text: string) => void): Promise<number> => {
  const say = options.json ? (): void => undefined : print;
  const planted = bugOf(options.planted);
  if (options.seed !== undefined) return one(options.seed, planted, { say, print });
  const startedAt = performance.now();
  const sums: Sums = { seeds: 0, steps: 0, faults: 0, crashes: 0, visits: 0 };
  let found: Outcome | undefined;
  let saidAt = startedAt;
  for (let seed = options.from; seed < options.from + options.seeds && !found; seed += 1) {
    const outcome = await simulate(seed, { planted });
    add(sums, outcome);
    if (outcome.violation) found = outcome;
    if (performance.now() - saidAt > PROGRESS_EVERY_MS) {
      saidAt = performance.now();
      say(`  ${sums.seeds} of ${options.seeds} seeds, ${sums.steps} steps, ${sums.faults} faults, ${sums.crashes} crashes`);
    }
  }
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  if (found) await tell(found, planted, say);
  const isGood = planted ? found !== undefined && planted.breaks.includes(found.violation!.invariant) : !found;
  say(verdict(sums, seconds, found, planted));
  print(JSON.stringify({ simulation: isGood ? 'passed' : 'failed', from: options.from, ...sums, seconds, seedsPerSecond: Math.round((sums.seeds / seconds) * 10) / 10, ...(planted && { planted: planted.name }), ...(found && { failedSeed: found.seed, invariant: found.violation!.invariant, details: found.violation!.details.slice(0, 2000) }) }));
  return isGood ? 0 : 1;
};

const add = (sums: Sums, outcome: Outcome): void => {
  sums.seeds += 1;
  sums.steps += outcome.steps;
  sums.faults += outcome.faults.length;
  sums.crashes += outcome.crashes;
  sums.visits += outcome.plan.visits.length;
};

const verdict = (sums: Sums, seconds: number, found: Outcome | undefined, planted: PlantedBug | undefined): string => {
  const work = `${sums.seeds} seeds in ${seconds} s: ${sums.visits} visits, ${sums.steps} steps, ${sums.faults} faults, ${sums.crashes} crashes.`;
  if (!found) return `${work} ${planted ? `✗ The planted bug was not found: ${planted.what}.` : '✔ Every invariant held after every step.'}`;
  return `${work} ${planted ? '✔ The planted bug was found' : '✗ Broken'} with seed ${found.seed}: ${INVARIANTS[found.violation!.invariant]}. Again, step by step: npm run simulate -- --seed ${found.seed}${planted ? ` --planted ${planted.name}` : ''}`;
};

/** The failure, and the shortest history that still has it. */
const tell = async (found: Outcome, planted: PlantedBug | undefined, say: (text: string) => void): Promise<void> => {
  say(`seed ${found.seed} after ${found.steps} steps and ${found.faults.length} faults: ${found.violation!.message}\n  looking for the shortest history …`);
  const shortest = await shrink(found, { planted });
  say(shortest.history.slice(Math.max(0, shortest.history.indexOf(BEGINS))).join('\n'));
  say(`shortest history: ${shortest.steps} steps, ${shortest.plan.visits.length} visits, ${shortest.faults.length} faults (of ${found.steps}, ${found.plan.visits.length}, ${found.faults.length})`);
};

const one = async (seed: number, planted: PlantedBug | undefined, { say, print }: { readonly say: (text: string) => void; readonly print: (text: string) => void }): Promise<number> => {
  const outcome = await simulate(seed, { planted });
  say(outcome.history.join('\n'));
  const { violation, steps, crashes, digest } = outcome;
  print(JSON.stringify({ simulation: violation ? 'failed' : 'passed', seed, steps, faults: outcome.faults.length, crashes, visits: outcome.plan.visits.length, digest, ...(violation && { invariant: violation.invariant, details: violation.details.slice(0, 2000) }) }));
  return violation ? 1 : 0;
};
