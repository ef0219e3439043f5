import globalTeardown from './global-teardown';
import './kafka-setup';

/** Stops the broker and the PostgreSQL of the tests, and removes their files. */
export default async function kafkaTeardown(): Promise<void> {
  await globalThis.caretabTestKafka?.stop();
  await globalTeardown();
}
