import './shared-platform';

/** Stops the platform that the journeys shared. */
export default async function stopSharedPlatform(): Promise<void> {
  await globalThis.caretabSharedPlatform?.stop();
}
