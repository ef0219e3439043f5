import { type Static, Type } from '@sinclair/typebox';
import { Presence } from './presence';

const oneOf = <const Texts extends readonly string[]>(
  texts: Texts,
  options: { readonly description: string },
) =>
  Type.Union(
    texts.map((text) => Type.Literal(text as Texts[number])),
    options,
  );

/** The longest grace time: after it, what comes is a late charge. */
export const GRACE_MS_MAX = 7 * 24 * 60 * 60 * 1000;

/** Milliseconds between a visit's end and its settlement. */
export const GraceMs = Type.Integer({
  minimum: 0,
  maximum: GRACE_MS_MAX,
  description: "Milliseconds between a visit's end and its settlement; absent: the default",
});

export const LateChargePolicy = oneOf(['ask', 'hospital-bears', 'collect'], {
  description:
    'What becomes of a charge that was given before the end and comes after the settlement: the ' +
    'citizen is asked, the hospital bears it, or it is collected. Absent: the default',
});
export type LateChargePolicy = Static<typeof LateChargePolicy>;

export const OutpatientEnd = oneOf(['doctor', 'midnight'], {
  description:
    'doctor: an outpatient visit ends by the message that says so · midnight: at the latest at ' +
    '24:00 of its day (Asia/Shanghai), for hospitals that send none. Absent: the default',
});
export const EmergencyEnd = oneOf(['doctor', 'observation'], {
  description:
    'doctor: an emergency ends by the message that says so · observation: at the latest 72 hours ' +
    'after its start. Absent: the default',
});

/** When visits of an institution end and are settled. No clock ever ends a stay. */
export const endRules = {
  graceMs: Type.Optional(GraceMs),
  lateCharge: Type.Optional(LateChargePolicy),
  outpatientEnd: Type.Optional(OutpatientEnd),
  emergencyEnd: Type.Optional(EmergencyEnd),
};

export const HolderPolicy = oneOf(['refuse', 'report', 'ignore'], {
  description:
    'A name, birth date or sex that is not that of the person the credential leads to. refuse: ' +
    'such an opening is refused · report: it is accepted, and the answer says so · ignore: they ' +
    'are not compared. Default report over HL7, whose engines fill in placeholders, and refuse over ' +
    'HTTP, where a member is sent on purpose. Beside an opening never refused',
});
export type HolderPolicy = Static<typeof HolderPolicy>;

/**
 * HL7 message types that say something of a visit or of money, by what they begin with. Answered AA
 * and ignored, they would be lost in silence: charges (DFT, BAR), visits (ADT A01 to A04, A06 to
 * A08, A11 to A13), a patient who is deleted (A23), and visits or accounts that are merged, moved or
 * numbered again (A35, A36, A41, A42, A44, A45, A49 to A51). HL7 v2.5.1, chapters 3 and 6.
 */
const NEEDED = /^(DFT|BAR|ADT\^A(0[1-46-8]|1[1-3]|23|3[56]|4[12459]|5[01]))/;

/** Whether a hospital may have a message type (`ORU^R01`) answered AA and ignored. */
export const mayIgnore = (messageType: string): boolean => !NEEDED.test(messageType);

/**
 * How one institution speaks, where it differs from what holds for all. Every member is optional.
 */
export const InterfaceProfile = Type.Object(
  {
    characterSet: Type.Optional(
      oneOf(['UTF-8', 'GB18030', 'GBK', 'BIG5', 'ASCII'], {
        description: 'Of HL7 messages whose MSH-18 is empty; default UTF-8',
      }),
    ),
    currency: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{3}$',
        description:
          'ISO 4217; of HL7 amounts without one, where MSH-17 is no country code of ISO 3166. ' +
          'Default CNY for an empty MSH-17',
      }),
    ),
    visitNumbers: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9._/#@?-]{1,40}\\*?$' }), {
        minItems: 1,
        maxItems: 10,
        description:
          'Forms of visit numbers: # is a digit, @ a letter, ? either, a final * anything more; ' +
          'all else is itself. A number of no such form is refused at once. Default: any',
      }),
    ),
    visitNumbersPersonal: Type.Optional(
      Type.Boolean({
        description:
          'Whether visit numbers are ID numbers, or hold them: a keyed pseudonym is kept in their ' +
          'place, and stands in lists, webhooks and events. Default false',
      }),
    ),
    patientNumbers: Type.Optional(
      Type.Boolean({
        description:
          "Whether the hospital's own patient number (MR), or none, is enough on a visit whose " +
          'opening was accepted; never to open one. Default true',
      }),
    ),
    hl7: Type.Optional(
      Type.Boolean({
        description:
          'Whether HL7 messages in its name are taken. Default: over TLS, by a certificate that ' +
          'is listed for it, and over a plain port not',
      }),
    ),
    applications: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 180 }), {
        minItems: 1,
        maxItems: 50,
        description:
          'MSH-3 of the programs that may send; each counts its own MSH-10. Default: any',
      }),
    ),
    ignoredMessages: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Z0-9]{3}\\^[A-Z0-9]{3}$' }), {
        maxItems: 100,
        description:
          'Message types (`ORU^R01`) that are answered AA, counted and otherwise ignored, beside ' +
          'those that always are. Never one that says something of a visit or of money',
      }),
    ),
    mode: Type.Optional(
      oneOf(['production', 'test'], {
        description:
          'test: everything is judged, answered and applied to nothing, as a message whose MSH-11 ' +
          'is T always is. Default production',
      }),
    ),
    holder: Type.Optional(HolderPolicy),
    presenceReaders: Type.Optional(
      Type.Array(oneOf(['face', 'code', 'card'], { description: 'Of `presence`' }), {
        maxItems: 3,
        uniqueItems: true,
        description:
          'Readers at its counters: only these grades are believed of an opening over HTTP that ' +
          'says `presence`. Default none',
      }),
    ),
    entitlement: Type.Optional(
      Type.Literal('forwarded', {
        description:
          'Openings carry what the centre of medical security answered this hospital to 1101 and ' +
          '2001, and it is believed. Default: an opening that carries it is refused',
      }),
    ),
    presence: Type.Optional({
      ...Presence,
      description:
        'How persons are present whose opening does not say so, which no opening over HL7 does. ' +
        'Default code for a `qr`, typed for a number',
    }),
    acknowledgement: Type.Optional(
      oneOf(['original', 'enhanced'], {
        description:
          'enhanced: MSH-15 and MSH-16 say which answers are sent (HL7 2.9.3). Default original: ' +
          'they are not read',
      }),
    ),
    ...endRules,
  },
  { additionalProperties: false },
);
export type InterfaceProfile = Static<typeof InterfaceProfile>;
