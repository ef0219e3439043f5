import { MemoryStore } from '@caretab/store';
import { institutionKeysSuite } from '../../test/institution-keys.suite';

describe('keys of institutions', () => institutionKeysSuite(async () => new MemoryStore()));
