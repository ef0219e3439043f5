import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * The sending application is part of what makes an HL7 message the same message. Of those accepted so
 * far it is unknown, and over HTTP there is none: a blank, which no message has.
 */
export class Gateway1700000000002 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table intake add column application text not null default ' ';
      alter table intake alter column application drop default;
      alter table intake drop constraint intake_pkey;
      alter table intake add primary key (institution_id, door, application, message_id);
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table intake drop constraint intake_pkey;
      alter table intake drop column application;
      alter table intake add primary key (institution_id, door, message_id);
    `);
  }
}
