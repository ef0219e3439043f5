import type { Migration, MigrationRunner } from '@caretab/store';

const STATUSES = `'due', 'sending', 'unresolved', 'paid', 'declined', 'refund-owed',
  'awaiting-confirmation', 'disputed', 'written-off'`;
const PARTIES = `'institution', 'insurer', 'channel', 'funder'`;

const partiesAre = (parties: string): string => `
  alter table clearing_line drop constraint clearing_line_party_check,
    add constraint clearing_line_party_check check (party in (${parties}));
  alter table payout drop constraint payout_party_check,
    add constraint payout_party_check check (party in (${parties}));`;

/** Dues that a bank lends: it collects them, and is a party of its own in clearing. */
export class Payment1750000027000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table collection
        drop constraint collection_lender_party_check,
        add constraint collection_lender_party_check
          check (lender_party in ('funder', 'institution', 'bank')),
        drop constraint collection_status_check,
        add constraint collection_status_check check (status in (${STATUSES}, 'lent')),
        add constraint collection_lent_check check (status <> 'lent' or lender_party = 'bank'),
        add constraint collection_bank_check check (lender_party <> 'bank' or status not in
          ('due', 'sending', 'unresolved', 'declined', 'written-off'));
      ${partiesAre(`${PARTIES}, 'bank'`)}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table collection
        drop constraint collection_bank_check,
        drop constraint collection_lent_check,
        drop constraint collection_lender_party_check,
        add constraint collection_lender_party_check
          check (lender_party in ('funder', 'institution')),
        drop constraint collection_status_check,
        add constraint collection_status_check check (status in (${STATUSES}));
      ${partiesAre(PARTIES)}`);
  }
}
