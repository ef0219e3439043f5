import type { Api } from './api';

const POLL_MS = 150;
const QUIET_POLLS = 3;
const PATIENCE_MS = 120_000;

/** What every service still has to do, added up; zero means that nothing moves. */
export const backlogOf = async (api: Api, services: readonly string[]): Promise<Record<string, number>> => {
  const counts = await Promise.all(services.map(async (service) => [service, await api.get<Record<string, number>>(`/${service}/backlog`)] as const));
  return Object.fromEntries(counts.flatMap(([service, kinds]) => Object.entries(kinds).filter(([, count]) => count > 0).map(([kind, count]) => [`${service}.${kind}`, count])));
};

/** Waits until nothing has been left to do three times in a row. Throws after two minutes with what is left. */
export const untilQuiet = async (api: Api, services: readonly string[], waiting?: (left: number) => void): Promise<void> => {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let polls = 0; polls < QUIET_POLLS; ) {
    const left = await backlogOf(api, services);
    const sum = Object.values(left).reduce((total, count) => total + count, 0);
    polls = sum === 0 ? polls + 1 : 0;
    waiting?.(sum);
    if (performance.now() > giveUpAt) throw new Error(`the platform did not come to rest; still to do: ${JSON.stringify(left)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
