import type { Migration, MigrationRunner } from '@caretab/store';

/** Cases of holders are listed by their hospital, and closed by an operator with a reason. */
export class Gateway1700000000009 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table holder_case
        add column institution_id text not null default '',
        add column status text not null default 'open' check (status in ('open', 'closed')),
        add column closed_at timestamptz(3),
        add column why text;
      update holder_case set institution_id = split_part(visit_id, '-', 1);
      create index holder_case_page
        on holder_case (institution_id, status, found_at, visit_id, fields);
      create index holder_case_status on holder_case (status, found_at, visit_id, fields);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop index holder_case_status;
      drop index holder_case_page;
      alter table holder_case
        drop column institution_id, drop column status, drop column closed_at, drop column why;
    `);
  }
}
