import type { SetAsideRow } from '../src/audit-hands';

export type Mutable<Value> = Value extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : Value extends Buffer | Date
    ? Value
    : Value extends object
      ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> }
      : Value;
export type Fact = {
  id: string;
  type: string;
  data: Record<string, any>;
  /** Its visit's first stream, unless said otherwise. */
  stream?: string;
  metadata?: Record<string, string>;
};

export const ADULT = 'p-1';
export const V2 = 'CH001-V2';

/** What another writer put into the second visit's stream. */
export const THEIRS = {
  ...{ visitId: V2, stream: `visit-${V2}`, kind: 'forged' as const },
  ...{ revision: 2, eventId: 'of-others-1' },
};
const CONTINUED = `${THEIRS.stream}~2`;

/** A forged settlement after two facts, and how the visit goes on. */
export const setAside = (before: readonly Fact[], after: Fact): Fact[] => {
  const data = { visitId: V2 };
  return [
    { id: THEIRS.eventId, type: 'VisitSettled', data: { ...data, accountPersonId: ADULT } },
    { id: 'decided', type: 'VisitContinued', data, stream: `resumption-${V2}` },
    { id: 'retired', type: 'StreamRetired', data: { to: CONTINUED }, stream: THEIRS.stream },
    ...before.map((fact, revision) => ({
      ...{ ...fact, stream: CONTINUED },
      metadata: { copiedFrom: String(revision) },
    })),
    {
      ...{ id: 'updated', type: 'VisitUpdated', data: { ...data, institutionId: 'CH001' } },
      ...{ stream: CONTINUED, metadata: { causationId: 'said update' } },
    },
    { ...after, stream: CONTINUED, metadata: { causationId: 'said cancel' } },
  ];
};

const NO_FACTS = new Set(['VisitContinued', 'StreamRetired']);
export const isFact = ({ id, type, metadata }: Fact): boolean =>
  id !== THEIRS.eventId && !NO_FACTS.has(type) && metadata?.['copiedFrom'] === undefined;

export const setAsideRow = (continuedIn: string | null): Mutable<SetAsideRow> => {
  const { visitId, stream, kind, revision } = THEIRS;
  return { visitId, stream, kind, revision, continuedIn };
};

/** Before an operator had the second visit go on. */
export const standing = () => ({
  rows: [setAsideRow(null)],
  answers: new Map<string, string | undefined>([[V2, 'VISIT_SET_ASIDE']]),
  processes: ['visit-ledger', 'visit-ledger-2'].map((name) => ({ name, standing: 1, gauge: 1 })),
  waiting: ['said update', 'said cancel'].map((messageId, offsetNo) => ({
    ...{ visitId: V2, topic: 'hospital.visit-events', messageId, offsetNo, holds: true },
  })),
  held: [{ visitId: V2, isHeld: true }],
  olderCopies: 1,
  startsRefused: 0,
  strayed: [] as { stream: string; type: string }[],
  shown: [
    { visitId: 'CH001-V1', status: 'settled', missedReason: null },
    { visitId: V2, status: 'open', missedReason: null },
    { visitId: 'CH001-V3', status: 'adjudicated', missedReason: 'REFUSED' },
  ] as { visitId: string; status: string; missedReason: string | null }[],
});
