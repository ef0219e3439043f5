import { MemoryStore } from '@caretab/store';
import { consentsSuite } from '../../test/consents.suite';

describe('consents in memory', () => consentsSuite(async () => new MemoryStore()));
