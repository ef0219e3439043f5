import { MemoryStore } from '@caretab/store';
import { deathsSuite } from '../../test/deaths.suite';

describe('deaths in memory', () => deathsSuite(async () => new MemoryStore()));
