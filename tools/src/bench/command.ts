import { ingest } from './ingest';
import { optionsOf, Usage } from './options';
import { Progress } from './progress';
import { pageOf } from './report';

/** Runs the command line; resolves to the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  const progress = new Progress(process.stderr);
  try {
    const options = optionsOf(args);
    const result = await ingest(options, progress);
    process.stdout.write(`${pageOf(result)}\n`);
    for (const fault of result.faults) process.stdout.write(`✗ ${fault}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.faults.length === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof Usage) {
      process.stdout.write(`${error.message}\n`);
      return error.exitCode;
    }
    progress.line(`✗ the run is void: ${(error as Error).message}`);
    if (process.env['DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    return 1;
  }
};
