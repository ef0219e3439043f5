import { type Api, ApiError } from '@caretab/hospital';

interface Summary {
  readonly id: string;
  readonly key: string;
}
interface Page {
  readonly messages: readonly Summary[];
  readonly next?: string;
}

const listOf = async (api: Api, service: string): Promise<Summary[]> => {
  const all: Summary[] = [];
  for (let after: string | undefined; ;) {
    const { messages, next } = await api.get<Page>(
      `/${service}/parked${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`,
    );
    all.push(...messages);
    if (next === undefined) return all;
    after = next;
  }
};

const CONFLICT = 409;

/** Settled meanwhile, by a replay of which the answer was lost: nothing is left to do. */
const replay = async (api: Api, service: string, id: string): Promise<number> => {
  try {
    return (await api.post<{ replayed: number }>(`/${service}/parked/${id}/replay`, {})).replayed;
  } catch (error) {
    if (error instanceof ApiError && error.status === CONFLICT) return 1;
    throw error;
  }
};

/**
 * The operator's round: whatever is parked is handled once more, oldest first, but what waits for a
 * visit that stands aside. Returns how many succeeded; the others stay for their content.
 */
export const replayParked = async (
  api: Api,
  services: readonly string[],
  aside: readonly string[],
): Promise<number> => {
  let replayed = 0;
  for (const service of services) {
    for (const { id, key } of await listOf(api, service)) {
      if (!aside.includes(key)) replayed += await replay(api, service, id);
    }
  }
  return replayed;
};
