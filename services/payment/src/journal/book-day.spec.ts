import { bookDayOf, closeMinuteOf } from './book-day';

test.each([
  ['24:00', '2026-03-31T23:59:59.999+08:00', '2026-03-31'],
  ['24:00', '2026-04-01T00:00:00.000+08:00', '2026-04-01'],
  ['23:00', '2026-03-31T22:59:59.999+08:00', '2026-03-31'],
  ['23:00', '2026-03-31T23:00:00.000+08:00', '2026-04-01'],
  ['23:00', '2026-04-01T00:30:00.000+08:00', '2026-04-01'],
])('books that close at %s take what is recorded at %s for %s', (close, at, bookedOn) => {
  const policy = { booksCloseMinute: closeMinuteOf(close), channelCloseMinute: 0 };
  expect(bookDayOf({ now: new Date(at), policy })).toBe(bookedOn);
});
