/**
 * What a log or a trace must never contain, from any caller. Names are compared without case,
 * hyphens and underscores.
 */
const PERSONAL_OR_SECRET = new Set([
  'name',
  'fullname',
  'givenname',
  'familyname',
  'patientname',
  'personname',
  'holdername',
  'idnumber',
  'idcard',
  'idcardnumber',
  'identitynumber',
  'credential',
  'mobile',
  'phone',
  'phonenumber',
  'email',
  'address',
  'birthdate',
  'card',
  'cardnumber',
  'pan',
  'accountnumber',
  'bankaccount',
  'qrcode',
  'token',
  'accesstoken',
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'secret',
  'apikey',
  'xapikey',
  'privatekey',
  'signature',
]);
export const REDACTED = '[redacted]';
/** Deeper than this nothing is logged. */
const DEPTH_MAX = 6;

const isSensitive = (key: string): boolean =>
  PERSONAL_OR_SECRET.has(key.replace(/[-_]/g, '').toLowerCase());

/**
 * A copy of a log object in which every sensitive field, however deep, says `[redacted]`. Errors
 * are left to `describeError`.
 */
export const redact = (fields: Record<string, unknown>): Record<string, unknown> =>
  copy(fields, 0) as Record<string, unknown>;

const copy = (value: unknown, depth: number): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return maskText(value);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (value instanceof Error) return depth <= 1 ? value : describeError(value);
  if (depth > DEPTH_MAX) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      isSensitive(key) && item !== undefined ? REDACTED : copy(item, depth + 1),
    ]),
  );
};

/** GB 11643 ID numbers and mainland mobile numbers, should they ever stand in a text. */
const ID_NUMBER =
  /(?<![0-9A-Za-z])\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])/g;
const MOBILE = /(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d{9}(?![0-9A-Za-z])/g;

export const maskText = (text: string): string =>
  text.replace(ID_NUMBER, REDACTED).replace(MOBILE, REDACTED);

interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly kind?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

const CAUSES_MAX = 5;

/**
 * What may be logged of an error: its type, codes, place and causes. Details, parameters and quoted
 * input stay behind.
 */
export const describeError = (error: unknown, depth = 0): DescribedError => {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'something that is no error was thrown' };
  const { code, kind, constraint, table, cause } = error as Error &
    Record<'code' | 'kind' | 'constraint' | 'table' | 'cause', unknown>;
  return {
    type: error.name,
    message: safeMessage(error),
    ...definedOnly({ code, kind, constraint, table }),
    ...(error.stack ? { stack: frames(error.stack) } : {}),
    ...(cause !== undefined && depth < CAUSES_MAX
      ? { cause: describeError(cause, depth + 1) }
      : {}),
  };
};

const definedOnly = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => typeof value === 'string' || typeof value === 'number',
    ),
  );

/** A stack repeats the message in its first lines; only the places are kept. */
export const frames = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');

/**
 * An error's message without what it may quote: a DomainError's details, JSON that did not parse, a
 * value PostgreSQL did not like.
 */
export const safeMessage = (error: Error): string => {
  if (error instanceof SyntaxError) return 'a text does not parse';
  const { code, details, severity } = error as Error & {
    code?: unknown;
    details?: unknown;
    severity?: unknown;
  };
  if (details !== undefined && typeof code === 'string') return code;
  const message = maskText(error.message);
  const isFromPostgres =
    severity !== undefined || /^[0-9A-Z]{5}$/.test(typeof code === 'string' ? code : '');
  return isFromPostgres ? message.replace(/: ".*"/s, `: ${REDACTED}`) : message;
};
