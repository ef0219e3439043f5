import { startWorld } from './world';

const run = async (): Promise<void> => {
  const world = await startWorld(process.env);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void world.stop());
};

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'cannot start'}\n`);
  process.exitCode = 1;
});
