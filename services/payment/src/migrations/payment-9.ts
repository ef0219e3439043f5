import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * A reference of a channel is claimed by one order. Where books of earlier releases have one twice,
 * both captures stay, and the first has the claim.
 */
export class Payment1750000008000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table channel_reference (
        channel text not null,
        reference text not null,
        order_id text not null,
        primary key (channel, reference)
      );
      insert into channel_reference (channel, reference, order_id)
        select distinct on (channel, reference) channel, reference, order_id
        from capture order by channel, reference, captured_at, order_id;
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table channel_reference');
  }
}
