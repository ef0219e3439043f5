import { exitWith, Usage } from '@caretab/command-line';
import { KeysRefused } from '@caretab/security';
import { startFrontNode } from './front-node';
import { JournalFault } from './journal';
import { optionsOf } from './options';

const program = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2), process.env);
  const node = await startFrontNode(options);
  const { platform, messages } = node.status();
  process.stdout.write(
    `front node of ${options.institutionId} at ${node.url}, its data in ${options.folder}; ` +
      `platform ${platform.reachable ? 'reachable' : 'away'}, ${messages.waiting} messages wait\n`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await node.stop();
  process.stdout.write('stopped; what waits is sent at the next start\n');
  return 0;
};

void exitWith(async () => {
  try {
    return await program();
  } catch (error) {
    if (error instanceof JournalFault || error instanceof KeysRefused)
      throw new Usage(error.message, 1);
    throw error;
  }
});
