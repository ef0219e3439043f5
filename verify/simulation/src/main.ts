import { exitWith } from '@caretab/command-line';
import { runCommand } from './command';
import { simulationOptionsOf } from './options';

void exitWith(() =>
  runCommand(simulationOptionsOf(process.argv.slice(2)), (text) =>
    process.stdout.write(`${text}\n`),
  ),
);
