/**
 * Where messaging says what went wrong; shaped on pino (facts first). Facts never hold a message's
 * content.
 */
export interface Log {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
