import { ApiError, ask } from '@caretab/hospital';
import type { SetAsideRow } from './audit-hands';
import type {
  HeldVisit,
  LedgerProcess,
  Resumed,
  ShownVisit,
  Standing,
  WaitingRow,
} from './audit-aside';
import { allRows } from './audit-rows';
import { readSetAside } from './evidence';
import { readStrayed } from './older-copy';
import type { PlatformAccess } from './platform-access';
import type { SupervisedPlatform } from './supervised-platform';
import type { Touched } from './touched';
import { putBack } from './truncation';

/** How visits that others touched stand, and how an operator has them go on (set-aside.md). */

const HISTORY = (visitId: string): string =>
  `/visit-ledger/visits/${encodeURIComponent(visitId)}/history`;
const RESUMPTION = (visitId: string): string =>
  `/visit-ledger/visits/${encodeURIComponent(visitId)}/resumption`;
const REASON = 'written by another team';

/** The code of a refusal; undefined where there was none. */
const refusalOf = async (call: Promise<unknown>): Promise<string | undefined> => {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
};

interface Health {
  readonly degraded?: readonly { readonly what: string; readonly why: string }[];
}

const GAUGE = /^caretab_visit_ledger_set_aside_visits(?:\{[^}]*\})? (\d+)/m;

const processesOf = ({ instances, host }: SupervisedPlatform): Promise<LedgerProcess[]> =>
  Promise.all(
    instances
      .filter(({ service }) => service === 'visit-ledger')
      .map(async ({ name, port }) => {
        const url = `http://${host}:${port}`;
        const health = await ask<Health>(url, { method: 'GET', path: '/health' });
        const metrics = await ask(url, { method: 'GET', path: '/metrics' });
        const why = (health.body.degraded ?? []).map((each) => each.why).join('; ');
        const [, standing] = /(\d+) visits are set aside/.exec(why) ?? [];
        const [, gauge] = GAUGE.exec(metrics.text) ?? [];
        return { name, standing: Number(standing ?? 0), gauge: Number(gauge ?? NaN) };
      }),
  );

const waitingIn = (field: PlatformAccess): Promise<WaitingRow[]> =>
  allRows<WaitingRow>(
    field.databaseUrlOf('visit-ledger'),
    `select key as "visitId", topic, message_id as "messageId", offset_no as "offsetNo", holds
     from visit_ledger.parked where status = 'parked'`,
  );

const heldIn = (field: PlatformAccess): Promise<HeldVisit[]> =>
  allRows<HeldVisit>(
    field.databaseUrlOf('payment'),
    `select visit_id as "visitId", is_held as "isHeld"
     from payment.difference where neighbour = 'log of visits'`,
  );

const shownIn = (field: PlatformAccess): Promise<ShownVisit[]> =>
  allRows<ShownVisit>(
    field.databaseUrlOf('visit-ledger'),
    'select visit_id as "visitId", status, missed_reason as "missedReason" from visit_ledger.visit',
  );

/** Before an operator does anything, all other work being done. */
export const readStanding = async (
  field: PlatformAccess,
  ground: SupervisedPlatform,
): Promise<Standing> => {
  const answers = new Map<string, string | undefined>();
  for (const visitId of ground.hands.visitIds)
    answers.set(visitId, await refusalOf(field.api.get(HISTORY(visitId))));
  const rows: readonly SetAsideRow[] = await readSetAside(field);
  return {
    rows,
    answers,
    processes: await processesOf(ground),
    waiting: await waitingIn(field),
    held: await heldIn(field),
    shown: await shownIn(field),
    olderCopies: ground.hands.olderCopies,
    startsRefused: ground.hands.startsRefused,
    strayed: ground.hands.olderCopies > 0 ? await readStrayed(field) : [],
  };
};

/** What was taken away is put back; what others wrote is left out by name. */
const resume = async (field: PlatformAccess, touched: Touched): Promise<Resumed> => {
  const { visitId, stream, kind, revision } = touched;
  const { api } = field;
  const path = RESUMPTION(visitId);
  const asItIs = await refusalOf(api.post(path, { reason: REASON }));
  if (kind === 'truncated') await putBack(field, stream);
  const leavesOut = kind === 'truncated' ? [] : [revision];
  return {
    ...{ visitId, asItIs },
    mended: await refusalOf(api.post(path, { reason: REASON, leavesOut })),
  };
};

/** Step by step as the runbook has it; what waited is handled in order. */
export const resumeTouched = async (
  field: PlatformAccess,
  touched: readonly Touched[],
): Promise<Resumed[]> => {
  const all: Resumed[] = [];
  for (const each of touched) {
    all.push(await resume(field, each));
    await field.api.post('/visit-ledger/parked/replay', { key: each.visitId });
  }
  return all;
};
