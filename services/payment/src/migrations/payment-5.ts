import type { Migration, MigrationRunner } from '@caretab/store';

/** The result of each day's comparison with the bank's statement. */
export class Payment1750000004000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table reconciliation (
        date date primary key, matched integer not null, matched_fen bigint not null,
        only_ours integer not null, only_theirs integer not null, amounts_differ integer not null,
        others integer not null, differences jsonb not null, reconciled_at timestamptz(3) not null,
        differs_since timestamptz(3),
        check ((only_ours + only_theirs + amounts_differ + others = 0) = (differs_since is null))
      )
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table reconciliation');
  }
}
