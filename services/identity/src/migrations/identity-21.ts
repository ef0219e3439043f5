import type { Migration, MigrationRunner } from '@caretab/store';

/** An institution that was registered before may have sent HL7 over a plain port: it goes on. */
export class Identity1700000000021 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      update institution set interface = interface || '{"hl7": true}'
      where not jsonb_exists(interface, 'hl7')`);
  }

  /** Which of them said so before is not known. */
  async down(): Promise<void> {
    return undefined;
  }
}
