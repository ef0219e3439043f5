import { ledgerInPostgres } from '../ledgers.suite';
import { projectionSuite } from './projection.suite';

projectionSuite(ledgerInPostgres);
