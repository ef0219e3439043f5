import type { Migration, MigrationRunner } from '@caretab/store';

/** Who lends what is due of a visit; what there is, the fund does. */
export class Payment1750000019000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table collection
        add column lender_party text not null default 'funder'
          check (lender_party in ('funder', 'institution')),
        add column lender_id text not null default 'pay-after-visit-fund'
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('alter table collection drop column lender_party, drop column lender_id');
  }
}
