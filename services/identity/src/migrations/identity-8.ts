import type { Migration, MigrationRunner } from '@caretab/store';

/** Assertions of clients that were taken: each once, by all processes. */
export class Identity1700000000008 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table assertion_taken (
        issuer text not null,
        jti text not null,
        good_until timestamptz(3) not null,
        primary key (issuer, jti)
      );
      create index assertion_taken_end on assertion_taken (good_until);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table assertion_taken;');
  }
}
