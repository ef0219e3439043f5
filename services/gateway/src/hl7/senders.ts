import { InstitutionId, type InterfaceProfile } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { type Static, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/** The other end of a connection. */
export interface Line {
  /** SHA-256 of its certificate; undefined where the line is plain. */
  readonly certificate: string | undefined;
  /** Whether it may speak for an institution, as of now. */
  readonly speaksFor: (institutionId: string) => boolean;
}

/** A plain line proves nothing: whatever institution it names is believed. */
export const PLAIN: Line = { certificate: undefined, speaksFor: () => true };

const Sender = Type.Object(
  {
    /** Whose integration engine it is; in logs and metrics. */
    name: Type.String({ minLength: 1, maxLength: 100 }),
    /** SHA-256 of its certificate in hex, with or without colons. */
    fingerprint: Type.String({ pattern: '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$' }),
    /** For whom it speaks: an engine may serve several campuses and village health posts. */
    institutions: Type.Array(InstitutionId, { minItems: 1, maxItems: 1000, uniqueItems: true }),
  },
  { additionalProperties: false },
);
const FILE = TypeCompiler.Compile(
  Type.Object({ senders: Type.Array(Sender, { maxItems: 1000 }) }, { additionalProperties: false }),
);

export type Sender = Static<typeof Sender>;
/** By fingerprint. */
export type Senders = ReadonlyMap<string, Sender>;

/** A fingerprint in one form: hex in capitals, without colons. */
export const fingerprintOf = (text: string): string => text.replaceAll(':', '').toUpperCase();

/** Reads the file of senders. Throws an Error that says what is wrong with it. */
export const sendersIn = (text: string): Senders => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error('it is not JSON', { cause });
  }
  if (!FILE.Check(value)) {
    const { path, message } = FILE.Errors(value).First()!;
    throw new Error(`${path || '/'}: ${message}`);
  }
  const senders = new Map(
    value.senders.map((sender) => [fingerprintOf(sender.fingerprint), sender] as const),
  );
  if (senders.size < value.senders.length) throw new Error('one certificate stands in it twice');
  return senders;
};

/**
 * The institution of a message, if its sender may speak for it. Throws SENDER_FORBIDDEN
 * (forbidden).
 */
export const spokenFor = <Id extends string | undefined>(
  institutionId: Id,
  speaksFor: Line['speaksFor'],
): Id => {
  if (institutionId !== undefined && !speaksFor(institutionId))
    throw new DomainError('SENDER_FORBIDDEN', 'forbidden', {
      field: 'MSH-4',
      why: 'the certificate that the message came by may not speak for this institution',
      remedy:
        'connect with its own certificate, or ask the platform to add the institution to yours',
    });
  return institutionId;
};

/**
 * A plain line proves no sender: over it only those are spoken for whose profile says that they send
 * HL7. By a certificate it is enough that the list of senders names them, and their profile does not say
 * that they send none. Throws SENDER_FORBIDDEN (forbidden).
 */
export const checkSpeaksHl7 = (
  profile: InterfaceProfile | undefined,
  certificate: Line['certificate'],
): void => {
  if (!profile || (profile.hl7 ?? certificate !== undefined)) return;
  throw new DomainError('SENDER_FORBIDDEN', 'forbidden', {
    field: 'MSH-4',
    why: 'the profile of this institution does not say that it sends HL7',
    remedy: 'if it does, ask the platform to set `hl7` of its interface profile',
  });
};
