import { MemoryStore } from '@caretab/store';
import { loansSuite } from '../../test/loans.suite';

describe('loans of banks, in memory', () => loansSuite(async () => new MemoryStore()));
