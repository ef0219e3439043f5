import { ledgerInPostgres } from '../../test/ledgers';
import { visitsSuite } from '../../test/visits.suite';

visitsSuite(ledgerInPostgres);
