import { MemoryStore } from '@caretab/store';
import { revocationsSuite } from '../../test/revocations.suite';

describe('consents that are taken back', () => revocationsSuite(async () => new MemoryStore()));
