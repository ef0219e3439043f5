import { type Api, pause } from '@caretab/hospital';

const POLL_MS = 150;
const QUIET_POLLS = 3;
/** Without any change: a service that died may be started again by hand meanwhile. */
const PATIENCE_MS = 120_000;
const PATIENCE_MAX_MS = 600_000;

/** What a replica still has to do, by kind; one that does not say counts as one thing to do. */
const leftAt = (
  service: string,
  outcome: PromiseSettledResult<Record<string, number>>,
): (readonly [string, number])[] => {
  if (outcome.status === 'rejected')
    return [[`${service} (${String((outcome.reason as Error).message)})`, 1]];
  return Object.entries(outcome.value)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => [`${service}.${kind}`, count]);
};

/**
 * The pending work of every service; empty means idle. Every replica is asked, because each knows
 * only its own running work.
 */
export const backlogOf = async (
  api: Api,
  services: readonly string[],
): Promise<Record<string, number>> => {
  const lists = await Promise.all(
    services.map(async (service) =>
      (await api.getFromEach<Record<string, number>>(`/${service}/backlog`)).flatMap((outcome) =>
        leftAt(service, outcome),
      ),
    ),
  );
  return Object.fromEntries(lists.flat());
};

/**
 * Waits until nothing has been left to do three times in a row. Throws with what is left when that
 * has not changed for two minutes.
 */
export const untilQuiet = async (
  api: Api,
  services: readonly string[],
  waiting?: (left: number) => void,
): Promise<void> => {
  const startedAt = performance.now();
  let changedAt = startedAt;
  let before = '';
  for (let polls = 0; polls < QUIET_POLLS;) {
    const left = await backlogOf(api, services);
    const sum = Object.values(left).reduce((total, count) => total + count, 0);
    polls = sum === 0 ? polls + 1 : 0;
    waiting?.(sum);
    const now = performance.now();
    const leftText = JSON.stringify(left);
    // A job that looks for work every quarter of a second is no sign that anything moves.
    const moving = JSON.stringify(
      Object.entries(left).filter(([kind]) => !kind.endsWith('.jobsRunning')),
    );
    if (moving !== before) [before, changedAt] = [moving, now];
    if (now > changedAt + PATIENCE_MS || now > startedAt + PATIENCE_MAX_MS)
      throw new Error(`the platform did not become idle; pending work: ${leftText}`);
    await pause(POLL_MS);
  }
};
