import type { Coverage } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import {
  type Coordination,
  type Plan,
  readCoordination,
  readPlan,
  versionOf,
} from '@caretab/plans';

/** A plan or a coordination file as it was approved. */
export interface PlanDocument {
  readonly version: string;
  readonly kind: 'plan' | 'coordination';
  /** JSON. */
  readonly file: string;
}

/**
 * The documents that this process has read, compiled. What is under a version never changes, so a
 * function of a coverage is pure: either it knows a version, or its caller has not fetched it. There
 * are as many as were ever approved in the region.
 */
const plans = new Map<string, Plan>();
const coordinations = new Map<string, Coordination>();

export const isDocumentKnown = (version: string): boolean =>
  plans.has(version) || coordinations.has(version);

/** Compiles a document, once. Throws NotTaken for one that no check let pass. */
export const knowDocument = ({ version, kind, file }: PlanDocument): void => {
  if (isDocumentKnown(version)) return;
  assert(versionOf(JSON.parse(file) as object) === version, 'a version is the hash of its content');
  if (kind === 'plan') plans.set(version, readPlan(file, version));
  else coordinations.set(version, readCoordination(file, version));
};

export const planOfVersion = (version: string): Plan => {
  const plan = plans.get(version);
  assert(plan, 'a coverage is looked at once its documents are known');
  return plan;
};

/**
 * A known plan as if it were in force on every day, for runs over claims of before; under a name of
 * its own, which no coverage has.
 */
export const atAnyTime = (version: string): string => {
  const name = `${version} at any time`;
  const plan = planOfVersion(version);
  plans.set(name, { ...plan, file: { ...plan.file, from: '2000-01-01', to: null } });
  return name;
};

export const coordinationOfVersion = (version: string): Coordination => {
  const coordination = coordinations.get(version);
  assert(coordination, 'a coverage is looked at once its documents are known');
  return coordination;
};

type ByDocuments = Pick<Coverage, 'plans' | 'coordination'>;

/** The versions that a coverage names. */
export const documentsOf = ({ plans: terms, coordination }: ByDocuments): readonly string[] => [
  ...terms.flatMap(({ document }) => document?.version ?? []),
  ...(coordination === undefined ? [] : [coordination]),
];

/** Whether a coverage is settled by documents, of some of its plans or of their order. */
export const isByDocuments = ({ plans: terms, coordination }: ByDocuments): boolean =>
  coordination !== undefined || terms.some(({ document }) => document !== undefined);
