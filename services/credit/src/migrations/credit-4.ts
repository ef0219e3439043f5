import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Whose service was closed for an erasure stays known until the person is forgotten, and then by the
 * id alone. The release
 * before deleted the row at the closing; an erasure that it closed goes on as it did there.
 */
export class Credit1700000000004 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table subject add column erasing boolean not null default false');
    await runner.query('alter table subject add column erased boolean not null default false');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('delete from subject where erasing or erased');
    await runner.query('alter table subject drop column erasing');
    await runner.query('alter table subject drop column erased');
  }
}
