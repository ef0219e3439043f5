import { type OpenedLedger, ledgerInPostgres } from '../../test/ledgers';
import { type Places, snapshotsSuite } from '../../test/snapshots.suite';

let ledger: OpenedLedger;
let places: Places;
beforeAll(async () => {
  ledger = await ledgerInPostgres();
  places = { events: ledger.events, store: await ledger.openRows() };
});
afterAll(() => ledger.close());

snapshotsSuite(() => places);
