import type { Migration, MigrationRunner } from '@caretab/store';

/** Visits of which payment and a neighbour know different things; they are read by day. */
export class Payment1750000003000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table difference (
        neighbour text not null, day date not null, visit_id text not null, ours jsonb, theirs jsonb,
        is_held boolean not null, first_seen_at timestamptz(3) not null, last_seen_at timestamptz(3) not null,
        primary key (neighbour, day, visit_id)
      );
      create index difference_held on difference (visit_id) where is_held;
      create index collection_day on collection (closed_date, visit_id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop index collection_day; drop table difference');
  }
}
