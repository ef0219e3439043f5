import './global-setup';

/** Stops the server of the tests and removes its files. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.caretabTestServer?.close();
}
