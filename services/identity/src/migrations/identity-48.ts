import type { Migration, MigrationRunner } from '@caretab/store';

/** What issuers log of their cards, and which parts of a file have rejects. */
export class Identity1700000000048 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table card_operation (
        operation_id text primary key,
        card_id text not null,
        operation text not null check (operation in ('read', 'write', 'pin-change', 'pin-unlock')),
        at timestamptz(3) not null,
        day date not null,
        region text,
        institution_id text
      );
      create index card_operation_day on card_operation (day, region, institution_id, operation);
      alter table card_file_part add column rejected integer not null default 0
        check (rejected >= 0);
      update card_file_part set rejected = jsonb_array_length(rejects);
      create index card_file_part_rejected on card_file_part (file_id, first_row)
        where rejected > 0;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table card_file_part drop column rejected;
      drop table card_operation;
    `);
  }
}
