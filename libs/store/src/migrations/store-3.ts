import type { Migration, MigrationRunner } from '../migration';

/** How far each group has come in each partition, beside the effects of what it handled. */
export class Positions1000000000004 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      create table position (
        group_name text not null,
        topic text not null,
        partition integer not null,
        next_offset bigint not null,
        primary key (group_name, topic, partition)
      ) with (fillfactor = 50)`);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table position');
  }
}
