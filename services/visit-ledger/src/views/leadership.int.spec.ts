import { ledgerInPostgres } from '../../test/ledgers';
import { leadershipSuite } from '../../test/leadership.suite';

leadershipSuite('PostgreSQL', ledgerInPostgres);
