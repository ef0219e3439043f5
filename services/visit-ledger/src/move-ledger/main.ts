import { run } from './run';

const line =
  (stream: NodeJS.WriteStream) =>
  (text: string): void =>
    void stream.write(`${text}\n`);

void run(process.argv.slice(2), process.env, {
  out: line(process.stdout),
  progress: line(process.stderr),
}).then((status) => (process.exitCode = status));
