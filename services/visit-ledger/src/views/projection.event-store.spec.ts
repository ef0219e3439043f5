import { ledgerInEventStoreDb } from '../../test/ledgers';
import { projectionSuite } from '../../test/projection.suite';

projectionSuite(ledgerInEventStoreDb);
