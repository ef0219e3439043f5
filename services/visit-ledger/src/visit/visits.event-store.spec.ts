import { ledgerInEventStoreDb } from '../ledgers.suite';
import { visitsSuite } from './visits.suite';

visitsSuite(ledgerInEventStoreDb);
