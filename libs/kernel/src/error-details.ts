import type { ErrorCode } from './error-codes';
import type { DomainError } from './errors';

/** One entry of an error's details, the same shape at every door. */
export interface ErrorDetail {
  /** JSON pointer, HL7 field (`PV1-19`), or the name of a fact (`visitId`); may be empty. */
  readonly field: string;
  /** Where one request has several faults. */
  readonly code?: ErrorCode;
  readonly why?: string;
  readonly remedy?: string;
  /** An id, a count, a name or a list of them: nothing that a person sent about themselves. */
  readonly value?: unknown;
}

const WORDS = ['code', 'why', 'remedy'] as const;

const faultOf = (fault: Readonly<Record<string, unknown>>): ErrorDetail => ({
  field: typeof fault['field'] === 'string' ? fault['field'] : '',
  ...Object.fromEntries(WORDS.flatMap((name) => (fault[name] ? [[name, fault[name]]] : []))),
});

/**
 * The details of an error as a list: each of its `faults`, its own field with why and remedy, then
 * each further fact by name and value.
 */
export const detailsOf = ({ details }: Pick<DomainError, 'details'>): readonly ErrorDetail[] => {
  const { faults, field, why, remedy, ...facts } = details;
  const own = { field, why, remedy };
  return [
    ...(Array.isArray(faults) ? (faults as Record<string, unknown>[]).map(faultOf) : []),
    ...(Object.values(own).some((text) => text !== undefined) ? [faultOf(own)] : []),
    ...Object.entries(facts).map(([name, value]) => ({ field: name, value })),
  ];
};
