import type { ReadStream } from 'node:tty';
import { Refused } from './platform-client';

const INTERRUPTED = '\u0003';
const ENDED = '\u0004';
const RUBOUTS = ['\u007f', '\b'];
const LINE_LENGTH_MAX = 1_000;

/**
 * What is typed, without an echo; in the order of the names. From a pipe one line each. Rejects with
 * Refused where it ends before.
 */
export const secretsAsked = (names: readonly string[]): Promise<readonly string[]> =>
  process.stdin.isTTY ? typed(names, process.stdin) : piped(names, process.stdin);

const piped = async (
  names: readonly string[],
  input: AsyncIterable<Buffer | string>,
): Promise<readonly string[]> => {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.length > LINE_LENGTH_MAX * names.length) break;
  }
  const lines = text.split(/\r?\n/).slice(0, names.length);
  const missing = names.find((_, at) => !lines[at]);
  if (missing !== undefined) throw new Refused(`${missing} is needed: a line of its own`);
  return lines;
};

const typed = async (
  names: readonly string[],
  terminal: ReadStream,
): Promise<readonly string[]> => {
  const answers: string[] = [];
  terminal.setRawMode(true);
  try {
    for (const name of names) {
      process.stderr.write(`${name}: `);
      answers.push(await lineOf(terminal));
      process.stderr.write('\n');
    }
  } finally {
    terminal.setRawMode(false);
    terminal.pause();
  }
  return answers;
};

/** One line of keys as they come; what is pasted comes at once. */
const lineOf = (terminal: ReadStream): Promise<string> =>
  new Promise((resolve, reject) => {
    let line = '';
    const onData = (chunk: Buffer): void => {
      for (const key of chunk.toString('utf8')) {
        if (key === INTERRUPTED || key === ENDED) return end(() => reject(new Refused('given up')));
        if (key === '\r' || key === '\n') return end(() => resolve(line));
        if (RUBOUTS.includes(key)) line = line.slice(0, -1);
        else if (line.length < LINE_LENGTH_MAX) line += key;
      }
    };
    const end = (then: () => void): void => {
      terminal.off('data', onData);
      then();
    };
    terminal.on('data', onData);
    terminal.resume();
  });
