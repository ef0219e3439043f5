import { MemoryStore } from '@caretab/store';
import { codesSuite } from '../../test/codes.suite';

describe('codes in memory', () => codesSuite(async () => new MemoryStore()));
