import { MemoryStore } from '@caretab/store';
import { signedConsentsSuite } from '../../test/signed-consents.suite';

describe('signed consents in memory', () => signedConsentsSuite(async () => new MemoryStore()));
