import type { Migration, MigrationRunner } from '@caretab/store';

/** Citizens answer late charges by the code of their notice. */
export class Notification1750000005000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table agreement_code (
        notice_id text primary key,
        code_hash text not null unique,
        visit_id text not null,
        charge_id text not null,
        expires_at timestamptz(3) not null
      );
      create index agreement_code_expiry on agreement_code (expires_at);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table agreement_code');
  }
}
