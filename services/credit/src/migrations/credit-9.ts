import { createBook, dropBook } from '@caretab/host';
import type { Migration, MigrationRunner } from '@caretab/store';

/** Entries are booked, so that anchors outside of the database cover them. */
export class Credit1700000000009 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await createBook(runner, 'entry');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await dropBook(runner, 'entry');
  }
}
