import { Usage } from '@caretab/command-line';
import { caretab } from './caretab';
import { Refused } from './platform';
import { STAYS } from './programs';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

caretab(process.argv.slice(2), print).then(
  (status) => {
    if (status !== STAYS) process.exitCode = status;
  },
  (error: unknown) => {
    if (!(error instanceof Usage) && !(error instanceof Refused)) throw error;
    if (error instanceof Usage) print(error.message);
    else process.stderr.write(`✗ ${error.message}\n`);
    process.exitCode = error instanceof Usage ? error.exitCode : 1;
  },
);
