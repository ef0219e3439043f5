import { detailsOf, DomainError, type ErrorCode, type ErrorDetail } from '@caretab/kernel';

/**
 * One thing that is wrong with what a hospital sent: where, why, and what to do about it. Never the
 * value: it may be personal data.
 */
export interface Fault {
  /** `PV1-19`, `FT1[2]-11` (the second FT1), or a JSON pointer. */
  readonly field: string;
  readonly code: ErrorCode;
  readonly why: string;
  readonly remedy: string;
}

const FAULTS_MAX = 20;

/**
 * The refusal of a whole message; its code is the first fault's, its details list them all (twenty
 * at most).
 */
export const refusal = (faults: readonly Fault[]): DomainError =>
  new DomainError(faults[0]!.code, 'invalid', {
    faults: faults.slice(0, FAULTS_MAX),
    ...(faults.length > FAULTS_MAX && { faultsLeftOut: faults.length - FAULTS_MAX }),
  });

const FIELD_LENGTH_MAX = 200;

/**
 * A JSON pointer may hold whatever names a sender chose: no U+0000, which cannot be stored, and no
 * end of it.
 */
const placeOf = (field: string): string =>
  field.replaceAll('\0', '\u2400').slice(0, FIELD_LENGTH_MAX);

/** Says where in its message what was refused stands: for what is asked behind both doors. */
export const standingAt =
  (field: string) =>
  (error: unknown): never => {
    const isPassing =
      error instanceof DomainError && (error.kind === 'unavailable' || error.kind === 'overloaded');
    throw error instanceof DomainError && !isPassing
      ? new DomainError(error.code, error.kind, { field, ...error.details })
      : error;
  };

/** The faults of a refusal; a DomainError from elsewhere counts as one without a place. */
export const faultsOf = (error: DomainError): readonly Fault[] => {
  const details = detailsOf(error).filter(({ why, remedy, code }) => why ?? remedy ?? code);
  return (details.length > 0 ? details : [{ field: '' }]).map(
    ({ field, code = error.code, why = '', remedy = '' }: ErrorDetail) => ({
      field: placeOf(field),
      code,
      why,
      remedy,
    }),
  );
};

/** Gathers faults while a message is read, so that its sender gets all of them at once. */
export class Faults {
  private readonly all: Fault[] = [];

  /** Notes a fault; gives undefined, for the value that could not be read. */
  add(field: string, code: ErrorCode, why: string, remedy: string): undefined {
    this.all.push({ field, code, why, remedy });
    return undefined;
  }

  /** What was gathered, for an answer that is no refusal. */
  get noted(): readonly Fault[] {
    return this.all;
  }

  throwIfAny(): void {
    if (this.all.length > 0) throw refusal(this.all);
  }
}
