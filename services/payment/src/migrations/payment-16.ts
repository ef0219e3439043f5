import { createBook, dropBook } from '@caretab/host';
import type { Migration, MigrationRunner } from '@caretab/store';

/** The journal's entries are booked, so that anchors outside of the database cover them. */
export class Payment1750000015000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await createBook(runner, 'journal_entry');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await dropBook(runner, 'journal_entry');
  }
}
