/** The answer to one HL7 message: AA accepted, AE refused for its content, AR for its form, or later. */
export interface Acknowledgement {
  readonly code: string;
  readonly controlId: string;
  readonly text: string;
  /** Each ERR segment: where (ERR-2), the application's code (ERR-5), the remedy (ERR-8). */
  readonly errors: readonly {
    readonly location: string;
    readonly code: string;
    readonly remedy: string;
  }[];
  /** The receiver asks for the same message again later: the message itself is not at fault. */
  readonly isRetryable: boolean;
  readonly whole: string;
}

/** MSH-10 of a message; empty where there is none. Without one a message is never answered. */
export const controlIdOf = (message: Buffer): string =>
  /^[\r\n]*MSH(?:\|[^|\r\n]*){8}\|([^|\r\n]*)/.exec(message.toString('latin1'))?.[1] ?? '';

/** HL7 table 0357: application internal error. */
const INTERNAL_ERROR = /^207(\^|$)/;

/** Reads an answer, without its frame. A field that is missing is an empty text. */
export const acknowledgementIn = (whole: string): Acknowledgement => {
  const segments = whole.split('\r').map((line) => line.split('|'));
  const msa = segments.find(([name]) => name === 'MSA') ?? [];
  const err = segments.filter(([name]) => name === 'ERR');
  return {
    code: msa[1] ?? '',
    controlId: msa[2] ?? '',
    text: msa[3] ?? '',
    errors: err.map((fields) => ({
      location: fields[2] ?? '',
      code: fields[5] ?? '',
      remedy: fields[8] ?? '',
    })),
    isRetryable: err.some((fields) => INTERNAL_ERROR.test(fields[3] ?? '')),
    whole,
  };
};
