import { MemoryStore } from '@caretab/store';
import { guardianshipsSuite } from '../../test/guardianships.suite';

describe('guardianships in memory', () => guardianshipsSuite(async () => new MemoryStore()));
