import type { Api } from '@caretab/hospital';
import type { Hl7Message } from './hl7';
import { digestOf, type Tally } from './tally';

interface Summary {
  readonly accepted: number;
  readonly refusedBy: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export const summaryOf = (api: Api): Promise<Summary> => api.get<Summary>('/gateway/summary');

const refusals = ({ refusedBy }: Summary): number =>
  Object.values(refusedBy['mllp'] ?? {}).reduce((sum, count) => sum + count, 0);

export interface GatewayEvidence {
  readonly samples: readonly Buffer[];
  /**
   * Whether nothing was sent to this platform but the sample day: a message refused in an earlier
   * run is not counted again.
   */
  readonly isNew: boolean;
  readonly before: Summary;
  readonly after: Summary;
}

/** The gateway recorded what it answered to its senders. */
export const checkGateway = (
  hl7: Tally & { readonly said: Hl7Message },
  { samples, isNew, before, after }: GatewayEvidence,
): void => {
  const { events } = hl7.said;
  // What the sample day itself had refused is in quarantine since then, once.
  const refused = new Set(hl7.said.refused);
  for (const sample of samples) refused.delete(digestOf(sample));
  const { unanswered } = hl7.said;
  const most = new Set([...refused, ...unanswered]).size;
  hl7.check(
    after.accepted - before.accepted === events,
    `${events} events acknowledged, ${after.accepted - before.accepted} recorded`,
  );
  const kept = refusals(after) - refusals(before);
  hl7.check(
    kept <= most && (!isNew || kept >= refused.size),
    `${refused.size} different messages refused, ${unanswered.size} not answered, ${kept} in quarantine`,
  );
};

/** The platform still answers, its books are even, and its views are the fold of its facts. */
export const checkStillWell = async (api: Api): Promise<string[]> => {
  const faults: string[] = [];
  const health = await api
    .get<{ status?: string; degraded?: readonly { readonly what: string }[] }>('/health')
    .catch((error: unknown) => ({ status: String(error), degraded: [] }));
  // Parked messages are what inputs make of themselves, and are counted; nothing else may degrade.
  const others = (health.degraded ?? []).filter(({ what }) => what !== 'parked messages');
  const isUp = health.status === 'up' || (health.status === 'degraded' && others.length === 0);
  if (!isUp) faults.push(`health: ${health.status} ${JSON.stringify(others)}`);
  const { differenceFen } = await api.get<{ differenceFen: number }>('/visit-ledger/trial-balance');
  if (differenceFen !== 0) faults.push(`the trial balance is off by ${differenceFen} fen`);
  const { intact } = await api.get<{ intact: boolean }>('/visit-ledger/proof');
  if (!intact) faults.push('the audit chain does not verify');
  const { views } = await api.get<{
    views: readonly { view: string; differences: readonly string[] }[];
  }>('/visit-ledger/views/check');
  for (const { view, differences } of views)
    if (differences.length > 0)
      faults.push(`view ${view} differs from the fold of its facts in ${differences.length} rows`);
  return faults;
};
