import { ledgerInEventStoreDb } from '../../test/ledgers';
import { visitsSuite } from '../../test/visits.suite';

visitsSuite(ledgerInEventStoreDb);
