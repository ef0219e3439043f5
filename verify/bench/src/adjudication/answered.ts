import { type ContractMessage, visitLedgerVisits } from '@caretab/contracts';
import { onTheWire } from '../charges';
import { between, type Reading, readingOf } from '../lone/reading';
import type { LoneSite } from '../lone/site';
import type { Answers } from './answers';
import type { AdjudicationLoad } from './report';
import type { Crowd } from './visits';

/** Visits under way at once, and how many are sent together. */
export const WINDOW = 2_000;
const CHUNK = 200;
/** Parts of a load: while it begins and while it runs out nothing is measured. */
const STEADY_FROM = 0.2;
const STEADY_TO = 0.95;

export interface AnsweredLoad {
  readonly what: string;
  readonly crowd: Crowd;
  readonly event: (crowd: Crowd, number: number) => ContractMessage;
  readonly visits: number;
  readonly update: (text: string) => void;
}

/** Sends every visit's event, never more than a window ahead of the answers. */
export const answered = async (
  site: LoneSite,
  answers: Answers,
  { what, crowd, event, visits, update }: AnsweredLoad,
): Promise<AdjudicationLoad> => {
  const messages = Array.from({ length: visits }, (_, number) => onTheWire(event(crowd, number)));
  let before: { readonly reading: Reading; readonly count: number } | undefined;
  let found: AdjudicationLoad | undefined;
  for (let sent = 0; answers.count < visits;) {
    const room = Math.min(CHUNK, WINDOW - (sent - answers.count), visits - sent);
    if (room < Math.min(CHUNK, visits - sent) || room === 0) await answers.next();
    else {
      await site.bus.send(visitLedgerVisits.name, messages.slice(sent, sent + room));
      sent += room;
    }
    update(`${answers.count} answered`);
    if (!before && answers.count >= visits * STEADY_FROM)
      before = { reading: await readingOf(site), count: answers.count };
    else if (before && !found && answers.count >= visits * STEADY_TO) {
      const units = answers.count - before.count;
      const spent = between(before.reading, await readingOf(site), units, site);
      found = { what, persons: crowd.persons, ...spent };
    }
  }
  if (!found) throw new Error(`${what} were answered at once; give more --visits`);
  return found;
};
