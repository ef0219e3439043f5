import { systemClock } from '@caretab/kernel';
import type { Store, Table } from '@caretab/store';
import { type Logger, meter } from '@caretab/telemetry';
import { hashLog } from '../anchors/hash-log';
import { ANCHOR_INTERVAL_MS, serviceAnchorsOf } from '../anchors/service-anchors';
import type { Start } from '../start';
import { Book } from './book';
import { bookEntryTable } from './book.table';

const BOOK_INTERVAL_MS = 20_000;
const MS_PER_S = 1000;

/** Opens the book of a service, with its jobs. */
export const openBook = (
  { books, config, jobs, degradations }: Start,
  {
    service,
    entries,
    store,
    logger,
  }: {
    readonly service: string;
    readonly entries: Table;
    readonly store: Store;
    readonly logger: Logger;
  },
): void => {
  const log = hashLog(store, bookEntryTable, 'gapless');
  const anchors = serviceAnchorsOf(config, { service, kind: 'book', log, clock: systemClock });
  const book = new Book({ store, entries, clock: systemClock, anchors });
  books.set(service, book);
  jobs.every(`caretab.book:${service}`, BOOK_INTERVAL_MS, () => book.book());
  if (!anchors) return;
  logger.info({ publicKey: anchors.publicKey }, 'the book is anchored');
  degradations.report(service, () => book.degradations());
  jobs.every(`caretab.anchor-book:${service}`, ANCHOR_INTERVAL_MS, () => book.anchor());
  meter(`caretab.${service}`)
    .createObservableGauge(`caretab.${service}.book_anchor_age`, {
      description: 'Since the anchors in every place last covered all entries of the book',
      unit: 's',
    })
    .addCallback((result) => result.observe(book.ageMs() / MS_PER_S));
};
