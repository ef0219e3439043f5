import type { Migration, MigrationRunner } from '../migration';

/**
 * What a handled message said, as a hash: the same id with other content is a conflict and no
 * repetition. Older marks have none.
 */
export class InboxContent1000000000002 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table inbox add column content text');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table inbox drop column content');
  }
}
