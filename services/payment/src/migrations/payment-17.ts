import type { Migration, MigrationRunner } from '@caretab/store';

/**
 * What one statement adds to a reference balances, so every reference always does. The check of before
 * ran once a row, at the commit. A booking is inserted by one statement (`journalEntryTable`).
 */
export class Payment1750000016000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop trigger journal_balances on journal_entry;
      create or replace function journal_balances() returns trigger language plpgsql as $$
      begin
        if exists (select from added group by reference having sum(debit_fen) <> sum(credit_fen)) then
          raise exception 'debits and credits of a reference are not equal';
        end if;
        return null;
      end $$;
      create trigger journal_balances after insert on journal_entry
        referencing new table as added for each statement execute function journal_balances();
    `);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(`
      drop trigger journal_balances on journal_entry;
      create or replace function journal_balances() returns trigger language plpgsql as $$
      begin
        if (select sum(debit_fen) - sum(credit_fen) from journal_entry where reference = new.reference) <> 0 then
          raise exception 'debits and credits of a reference are not equal';
        end if;
        return null;
      end $$;
      create constraint trigger journal_balances after insert on journal_entry deferrable
      initially deferred for each row execute function journal_balances();
    `);
  }
}
