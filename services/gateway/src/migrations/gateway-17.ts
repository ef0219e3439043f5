import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * The certificate by which a refused message of an unknown sender came. Null for what came by a
 * plain line, and for what was refused before.
 */
export class Gateway1700000000017 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table quarantine add column certificate text');
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('alter table quarantine drop column certificate');
  }
}
