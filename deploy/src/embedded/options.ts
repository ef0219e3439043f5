import { join, resolve } from 'node:path';
import { CommandLine } from '@caretab/command-line';

export interface Options {
  readonly fresh: boolean;
  readonly exit: boolean;
  readonly idle: boolean;
  readonly dataDir: string;
  readonly samplesDir: string;
  readonly host: string;
  readonly port: number;
  readonly mllpPort: number;
}

const HELP = `npm start                  start CareTab on this machine, play the sample day, print its page, stay up
npm start -- --fresh       the same, from an empty data folder
npm start -- --exit        end after the page; status 0 only if every check of the page holds
npm start -- --idle        start without the sample day
  --port N                 HTTP API (default 8080)
  --mllp-port N            HL7 v2 over MLLP (default 2575)
  --data DIR               data folder (default ./data)
  --samples DIR            the day to play (default ./samples)
The sandbox outside world (acquirer, webhook receiver, mail sink) takes the three ports after the HTTP port.
Everything listens on 127.0.0.1 only.`;

/** Reads the command line. Throws Usage. */
export const optionsOf = (args: readonly string[], root: string): Options => {
  const commandLine = new CommandLine(args, {
    help: HELP,
    flags: ['--fresh', '--exit', '--idle'],
    values: ['--port', '--mllp-port', '--data', '--samples'],
  });
  return {
    fresh: commandLine.has('--fresh'),
    exit: commandLine.has('--exit'),
    idle: commandLine.has('--idle'),
    host: '127.0.0.1',
    port: commandLine.port('--port', 8080),
    mllpPort: commandLine.port('--mllp-port', 2575),
    dataDir: resolve(commandLine.value('--data') ?? join(root, 'data')),
    samplesDir: resolve(commandLine.value('--samples') ?? join(root, 'samples')),
  };
};
