import { ledgerInEventStoreDb } from '../ledgers.suite';
import { projectionSuite } from './projection.suite';

projectionSuite(ledgerInEventStoreDb);
