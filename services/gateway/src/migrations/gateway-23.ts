import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * Nothing of a person is destroyed whose erasure was not begun. A hospital's own topic is a door.
 */
export class Gateway1700000000023 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table begun_erasure (person_id text primary key, erasure_id text not null);
      alter table intake drop constraint intake_door_check,
        add check (door in ('mllp', 'http', 'bus'));
      alter table quarantine drop constraint quarantine_door_check,
        add check (door in ('mllp', 'http', 'bus'))`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      drop table begun_erasure;
      alter table intake drop constraint intake_door_check,
        add check (door in ('mllp', 'http'));
      alter table quarantine drop constraint quarantine_door_check,
        add check (door in ('mllp', 'http'))`);
  }
}
