import { MemoryStore } from '@caretab/store';
import { visitCodesSuite } from '../../test/visit-codes.suite';

describe('a code for a desk, in memory', () => visitCodesSuite(async () => new MemoryStore()));
