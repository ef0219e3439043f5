import { ledgerInPostgres } from '../ledgers.suite';
import { visitsSuite } from './visits.suite';

visitsSuite(ledgerInPostgres);
