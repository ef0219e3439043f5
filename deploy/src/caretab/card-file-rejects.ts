import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { cardFileRoutes as routes } from '@caretab/contracts';
import { headingOf, isCsv, rowsOf } from './card-file-rows';
import type { Platform } from './platform';

interface Reject {
  readonly row: number;
  readonly field: string;
  readonly code: string;
  readonly why: string;
  readonly whatToDo: string;
}

const REASONS = ['_row', '_field', '_code', '_why', '_whatToDo'] as const;
const reasonsOf = ({ row, field, code, why, whatToDo }: Reject): readonly (string | number)[] => [
  ...[row, field, code, why, whatToDo],
];

const isReadable = (said: object): boolean => Object.keys(said).length > 0;

const cellOf = (value: string | number): string => `"${String(value).replaceAll('"', '""')}"`;

/** Why rows of a file were not taken, as the platform keeps it, in the order of the rows. */
async function* rejectsOf(
  platform: Platform,
  { fileHash, kind }: { readonly fileHash: string; readonly kind: string },
): AsyncGenerator<Reject> {
  let after: string | undefined;
  do {
    const page = await platform.ask(routes.listCardFileRejects, {
      params: { fileHash },
      query: { kind, after },
    });
    yield* page.rejects;
    after = page.next === undefined ? undefined : String(page.next);
  } while (after !== undefined);
}

/**
 * Writes the rejected rows of a file beside why, in the same form: corrected, that file can be sent as it
 * is. How many they are.
 */
export const writeRejects = async (
  platform: Platform,
  file: string,
  to: string,
  which: { readonly fileHash: string; readonly kind: string },
): Promise<number> => {
  const out = createWriteStream(to, { mode: 0o600 });
  const write = async (line: string): Promise<void> => {
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  };
  if (isCsv(file)) await write(`${await headingOf(file)},${REASONS.join(',')}`);
  const rejects = rejectsOf(platform, which);
  let [next, count] = [await rejects.next(), 0];
  for await (const { number, text, said } of rowsOf(file)) {
    if (next.done) break;
    if (number !== next.value.row) continue;
    const reasons = reasonsOf(next.value);
    const beside = Object.fromEntries(REASONS.map((name, at) => [name, reasons[at]]));
    await write(
      isCsv(file)
        ? `${text},${reasons.map(cellOf).join(',')}`
        : JSON.stringify({ ...(isReadable(said) ? said : { _text: text }), ...beside }),
    );
    [next, count] = [await rejects.next(), count + 1];
  }
  out.end();
  await once(out, 'close');
  return count;
};
