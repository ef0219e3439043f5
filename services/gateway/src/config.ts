import { careTimeSettings, FRAME_BYTES_MAX } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';

/** Without one a citizen does not see who looked there. */
const whereLooksAreAsked = (service: string) =>
  Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: `where ${service} answers, for citizens who ask who looked at their data`,
    }),
  );

/** What the gateway reads from the environment. */
export const GatewayConfig = Type.Object({
  ...careTimeSettings,
  GATEWAY_MLLP_HOST: Type.String({
    default: '127.0.0.1',
    description: 'address on which HL7 v2 (MLLP) is listened for',
  }),
  GATEWAY_MLLP_PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 2575,
    description: 'port for HL7 v2 (MLLP); 0 takes any',
  }),
  GATEWAY_MLLP_TLS_CERT_FILE: Type.Optional(
    Type.String({ description: 'PEM file: certificate of the MLLP port, with its chain' }),
  ),
  GATEWAY_MLLP_TLS_KEY_FILE: Type.Optional(
    Type.String({ description: 'PEM file: key of this certificate' }),
  ),
  GATEWAY_MLLP_TLS_CA_FILE: Type.Optional(
    Type.String({ description: 'PEM file: who signs the certificates of the hospitals’ engines' }),
  ),
  GATEWAY_MLLP_SENDERS_FILE: Type.Optional(
    Type.String({ description: 'JSON file: which certificate speaks for which institutions' }),
  ),
  GATEWAY_MLLP_PLAIN_FROM: Type.Optional(
    Type.String({
      pattern: '^[0-9A-Fa-f.:]+(/\\d{1,3})?(,[0-9A-Fa-f.:]+(/\\d{1,3})?)*$',
      description:
        'networks from which MLLP without TLS is taken, as 10.1.0.0/16, separated by commas',
    }),
  ),
  GATEWAY_MLLP_FIRST_BYTE_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    default: 10_000,
    description: 'an MLLP connection that has sent nothing since it was opened is closed',
  }),
  GATEWAY_MLLP_FRAME_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    default: 30_000,
    description: 'from the first byte of an MLLP frame to its last; then it is cut off',
  }),
  GATEWAY_MLLP_IDLE_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    default: 600_000,
    description: 'an MLLP connection silent for so long is closed',
  }),
  GATEWAY_MLLP_CONNECTIONS_MAX: Type.Integer({
    minimum: 1,
    default: 500,
    description: 'MLLP connections at once',
  }),
  GATEWAY_MLLP_CONNECTIONS_PER_PEER_MAX: Type.Integer({
    minimum: 1,
    default: 100,
    description:
      'of these, of one certificate, or from one address where the port is plain; as many as all ' +
      'where a tunnel or balancer hides the addresses',
  }),
  GATEWAY_MLLP_BYTES_MAX: Type.Integer({
    minimum: 2 * FRAME_BYTES_MAX,
    default: 32 * FRAME_BYTES_MAX,
    description:
      'bytes of messages in flight over MLLP; beyond, nothing is read, and who lets us wait ' +
      'with most of them is cut off',
  }),
  GATEWAY_MLLP_ADMISSION_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 25_000,
    default: 2000,
    description:
      'how long an HL7 message waits for its turn before its sender is asked to send it again later',
  }),
  GATEWAY_IN_WORK_MAX: Type.Integer({
    minimum: 1,
    default: 32,
    description: 'submissions worked on at once, over HTTP and HL7 together',
  }),
  GATEWAY_IN_WORK_PER_INSTITUTION_MAX: Type.Integer({
    minimum: 1,
    default: 24,
    description: 'of these, of one institution',
  }),
  GATEWAY_WAITING_MAX: Type.Integer({
    minimum: 0,
    default: 256,
    description: 'submissions that wait for their turn; more are answered 429 OVERLOADED',
  }),
  GATEWAY_ADMISSION_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 25_000,
    default: 500,
    description:
      'how long a request over HTTP waits for its turn before it is answered 429 OVERLOADED',
  }),
  GATEWAY_QUESTIONS_MAX: Type.Integer({
    minimum: 1,
    default: 32,
    description: 'questions of hospitals (GET /v1/…, persons/resolve) answered at once',
  }),
  GATEWAY_LOOKUPS_PER_HOUR: Type.Integer({
    minimum: 1,
    maximum: 100_000_000,
    default: 6_000,
    description:
      'credentials that an institution may look up in an hour without a visit, a tenth of them at once',
  }),
  GATEWAY_ACTIVATIONS_PER_HOUR: Type.Integer({
    minimum: 1,
    maximum: 100_000_000,
    default: 600,
    description:
      'activations that an institution may begin or ask for again in an hour, a tenth of them at once',
  }),
  GATEWAY_UNKNOWN_PERSONS_PER_HOUR: Type.Integer({
    minimum: 1,
    default: 3_000,
    description:
      'persons not registered that one hospital may ask for in an hour, a tenth of them at once; ' +
      'beyond, its openings and persons/resolve are answered 429',
  }),
  GATEWAY_OUTBOX_MAX: Type.Integer({
    minimum: 1,
    default: 50_000,
    description:
      'events accepted and not yet published, beyond which nothing more is taken in until a fifth of them is gone',
  }),
  GATEWAY_LEDGER_LAG_MAX: Type.Integer({
    minimum: 1,
    default: 50_000,
    description:
      'events published and not yet handled by the ledger, beyond which nothing more ' +
      'is taken in until a fifth of them is gone',
  }),
  GATEWAY_SEALING_KEY: Type.String({
    minLength: 1,
    description:
      'seals the messages that are kept: 32 bytes in base64, or the path of a file with several keys',
  }),
  GATEWAY_RAW_RETENTION_DAYS: Type.Integer({
    minimum: 1,
    maximum: 3650,
    default: 30,
    description: 'how long the bytes of messages are kept',
  }),
  GATEWAY_QUARANTINE_ROWS_MAX: Type.Integer({
    minimum: 1,
    default: 10_000,
    description: 'refused messages that are kept of one sender; newer ones are not kept',
  }),
  GATEWAY_QUARANTINE_BYTES_MAX: Type.Integer({
    minimum: 1,
    default: 100_000_000,
    description: 'bytes of refused messages that are kept of one sender',
  }),
  GATEWAY_QUARANTINE_UNKNOWN_ROWS_MAX: Type.Integer({
    minimum: 1,
    default: 1_000,
    description: 'refused messages that are kept of all unknown senders, 16 KiB of each',
  }),
  IDENTITY_URL: Type.String({ pattern: '^https?://', description: 'where identity answers' }),
  VISIT_LEDGER_URL: Type.String({
    pattern: '^https?://',
    description: 'where the visit ledger answers',
  }),
  NOTIFICATION_URL: Type.String({
    pattern: '^https?://',
    description: 'where notification answers',
  }),
  CREDIT_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'where credit answers, for citizens who ask who looked at their data, and for whether who an ' +
        'unidentified patient turns out to be uses the service',
    }),
  ),
  ADJUDICATION_URL: whereLooksAreAsked('adjudication'),
  PAYMENT_URL: Type.String({
    pattern: '^https?://',
    description: 'where payment answers',
  }),
});
