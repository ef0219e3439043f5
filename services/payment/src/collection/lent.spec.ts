import { MemoryStore } from '@caretab/store';
import { lentSuite } from '../../test/lent.suite';

describe('what a bank lends, in memory', () => lentSuite(async () => new MemoryStore()));
