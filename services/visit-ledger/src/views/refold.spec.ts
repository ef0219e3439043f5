import { MemoryEventStore } from '@caretab/event-store';
import { MemoryStore, type Transaction } from '@caretab/store';
import { ledgerDatabase } from '../../test/ledger-database';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { Visits } from '../visit/visits';
import { allOf, foldInto, views } from './folding';
import { Refold } from './refold';

const rowsOf = async (transaction: Transaction): Promise<unknown[]> => {
  const rows: unknown[] = [];
  for (const view of views) rows.push(await allOf(transaction, view, () => true));
  return rows;
};

test.each([1, 7, 20_000])(
  'rows are those of a fold page by page, whether %s or more are written at once',
  async (rowsMax) => {
    const events = new MemoryEventStore();
    const visits = new Visits(events);
    const send = (number: string, ...commands: Parameters<typeof caused>[0][]): Promise<void> =>
      visits.handle(
        visitIdOfNumber(number),
        commands.map((command) => caused(command)),
      );
    const numbers = Array.from({ length: 9 }, (_, at) => `V${at}`);
    for (const number of numbers) {
      const { start, authorize, cover, post } = commandsOf(number);
      await send(number, start, authorize(), cover, post('T1', 200));
    }
    for (const number of numbers) {
      const { post, takeBack, end } = commandsOf(number);
      await send(number, post('T2', 300), takeBack('T1', 200), end);
    }
    const all = await events.readAll({ after: 0n, countMax: 1_000 });
    const pages = Array.from({ length: Math.ceil(all.length / 5) }, (_, at) =>
      all.slice(at * 5, at * 5 + 5),
    );
    const folded = (fold: (transaction: Transaction) => Promise<void>): Promise<unknown[]> =>
      new MemoryStore({ database: ledgerDatabase() }).transact(async (transaction) => {
        await fold(transaction);
        return rowsOf(transaction);
      });
    const refolded = await folded(async (transaction) => {
      const refold = new Refold(transaction, rowsMax);
      for (const page of pages) await refold.fold(page);
      await refold.write();
    });
    expect(refolded).toEqual(
      await folded(async (transaction) => {
        for (const page of pages) await foldInto(transaction, page);
      }),
    );
    expect((refolded[0] as Map<string, unknown>).size).toBe(9);
  },
);
