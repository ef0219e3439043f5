import { ledgerInPostgres } from '../../test/ledgers';
import { projectionSuite } from '../../test/projection.suite';

projectionSuite(ledgerInPostgres);
