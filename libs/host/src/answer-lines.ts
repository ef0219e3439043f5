import { DomainError } from '@caretab/kernel';
import type { Response } from 'express';

/**
 * Answers a line of JSON for each step of a long look, and its report as the last one. A fault at the
 * start is answered as a problem; a later one stands on the last line.
 */
export const answerLines = async <Report>(
  response: Response,
  steps: AsyncGenerator<number, Report>,
  shown: (report: Report) => object,
): Promise<void> => {
  let step = await steps.next();
  response.type('application/x-ndjson');
  try {
    for (; !step.done && !response.closed; step = await steps.next())
      response.write(`${JSON.stringify({ checked: step.value })}\n`);
    if (step.done) response.end(`${JSON.stringify(shown(step.value))}\n`);
  } catch (error) {
    response.end(
      `${JSON.stringify({ stopped: error instanceof DomainError ? error.code : 'INTERNAL' })}\n`,
    );
  }
};

/** Answers each thing as a line of JSON, as fast as the one who asked reads; it ends where that one leaves. */
export const answerEach = async (
  response: Response,
  things: AsyncGenerator<object>,
): Promise<void> => {
  let next = await things.next(); // A fault at the start is answered as a problem.
  response.type('application/x-ndjson');
  try {
    for (; !next.done && !response.closed; next = await things.next())
      if (!response.write(`${JSON.stringify(next.value)}\n`)) await drained(response);
    response.end();
  } catch {
    response.destroy(); // The last line, which says that all is there, is missing.
  }
};

const drained = (response: Response): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
