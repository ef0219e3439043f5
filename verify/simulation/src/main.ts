import { runCommand } from './command';
import { simulationOptionsOf, Usage } from './options';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

void Promise.resolve()
  .then(() => runCommand(simulationOptionsOf(process.argv.slice(2)), print))
  .then(
    (status) => void (process.exitCode = status),
    (error: unknown) => {
      print(error instanceof Usage ? error.message : String((error as Error).stack));
      process.exitCode = error instanceof Usage ? error.exitCode : 1;
    },
  );
