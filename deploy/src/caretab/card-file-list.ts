import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, renameSync } from 'node:fs';
import { cardFileRoutes as routes } from '@caretab/contracts';
import type { Print } from './command';
import { type Platform, Refused } from './platform';

interface Line {
  readonly hashKey?: string;
  readonly sequence?: number;
  readonly through?: number;
  readonly rows?: number;
  readonly sha256?: string;
}

export interface WantedList {
  readonly list: 'white' | 'black';
  readonly to: string;
  readonly after: string | undefined;
}

/** Writes what changed on a list as it comes; the file is there once its end agrees with its rows. */
export const downloadList = async (
  platform: Platform,
  { list, to, after }: WantedList,
  print: Print,
): Promise<number> => {
  const unfinished = `${to}.part`;
  const out = createWriteStream(unfinished, { mode: 0o600 });
  const hash = createHash('sha256');
  let [rows, last]: [number, Line | undefined] = [0, undefined];
  for await (const said of platform.lines(routes.downloadCardList, {
    params: { list },
    query: { after },
  })) {
    const line = said as Line;
    const text = `${JSON.stringify(line)}\n`;
    if (line.sequence !== undefined) {
      hash.update(text);
      rows += 1;
    }
    if (!out.write(text)) await once(out, 'drain');
    last = line;
  }
  out.end();
  await once(out, 'close');
  if (last?.rows !== rows || last.sha256 !== hash.digest('hex'))
    throw new Refused(
      `the list broke off: ${unfinished} holds ${rows} of its rows; fetch it again`,
    );
  renameSync(unfinished, to);
  print(`${rows} entries of the ${list} list, through ${last.through}: ${to}`);
  return 0;
};
