import { MemoryStore } from '@caretab/store';
import { writeOffsSuite } from '../../test/write-offs.suite';

describe('write-offs in memory', () => writeOffsSuite(async () => new MemoryStore()));
