import type { Migration, MigrationRunner } from '@caretab/store';

/** Cases of visits whose holder is not who is registered, by the names of the fields. */
export class Gateway1700000000008 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table holder_case (
        visit_id text not null,
        fields text not null,
        source_message_id text not null,
        found_at timestamptz(3) not null,
        primary key (visit_id, fields)
      );
      create index holder_case_time on holder_case (found_at);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`drop table holder_case;`);
  }
}
