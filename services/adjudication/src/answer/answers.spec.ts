import { MemoryStore } from '@caretab/store';
import { answersSuite } from '../../test/answers.suite';

answersSuite('in memory', async () => ({ store: new MemoryStore(), end: async () => undefined }));
