import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * People are reached by app and SMS beside e-mail. A replica of the release before takes such a
 * notice for one whose receiver is not known yet and puts it off.
 */
export class Notification1750000004000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      alter table notice drop constraint notice_channel_check;
      alter table notice add constraint notice_channel_check
        check (channel in ('app', 'sms', 'email', 'webhook'));
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      update notice set channel = 'email' where channel in ('app', 'sms');
      alter table notice drop constraint notice_channel_check;
      alter table notice add constraint notice_channel_check
        check (channel in ('email', 'webhook'));
    `);
  }
}
