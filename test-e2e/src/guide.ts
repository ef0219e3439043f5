import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './launcher';

/** A command of a guide as it is printed, and the answer that is printed below it. */
export interface PrintedCommand {
  readonly text: string;
  readonly answer?: unknown;
}

export interface Said {
  readonly status: number;
  readonly body: any;
}

const TIMEOUT_MS = 60_000;

export const guide = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** A shell would wait for more. */
const isOpen = (text: string): boolean =>
  text.endsWith('\\') || text.split("'").length % 2 === 0 || text === '';

/** The commands of one block, each with the JSON of the comment lines below it. */
const commandsIn = (block: string): PrintedCommand[] => {
  const found: { text: string; comment: string }[] = [];
  let text = '';
  for (const line of block.trim().split('\n')) {
    const last = found.at(-1);
    if (text === '' && line.startsWith('#') && last) {
      last.comment += line.replace(/^# */, '');
      continue;
    }
    text += `${text && '\n'}${line.replace(/ {2,}# .*$/, '')}`;
    if (isOpen(text)) continue;
    found.push({ text, comment: '' });
    text = '';
  }
  if (text !== '') throw new Error(`a command that does not end: ${text}`);
  return found.map(({ text: command, comment }) => ({
    text: command,
    ...(comment !== '' && { answer: JSON.parse(comment) as unknown }),
  }));
};

/** All commands of a guide's blocks, in their order. */
export const commandsOf = (text: string): PrintedCommand[] =>
  [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => commandsIn(block!));

const inShell = (script: string, env: Readonly<Record<string, string>>): string => {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
  return stdout;
};

/** What a command puts into a variable. */
export const valueOf = (
  assignment: string,
  name: string,
  env: Readonly<Record<string, string>>,
): string => inShell(`${assignment}\nprintf %s "$${name}"`, env);

/** Runs a printed `curl`: the answer, whatever its status. */
export const curled = (command: string, env: Readonly<Record<string, string>>): Said => {
  const out = inShell(`curl() { command curl -sS -w '\\n%{http_code}' "$@"; }\n${command}`, env);
  const at = out.lastIndexOf('\n');
  return { status: Number(out.slice(at + 1)), body: JSON.parse(out.slice(0, at) || 'null') };
};

/**
 * Where an answer is not as printed. A text with `…` stands for any text that begins and ends so; a
 * list's first entry for each of its entries.
 */
export const differences = (printed: unknown, said: unknown, path = '$'): string[] => {
  if (typeof printed === 'string' && printed.includes('…')) {
    const [start, end] = printed.split('…') as [string, string];
    const fits = typeof said === 'string' && said.startsWith(start) && said.endsWith(end);
    return fits ? [] : [`${path} is no text as ${printed}`];
  }
  if (Array.isArray(printed)) {
    if (!Array.isArray(said)) return [`${path} is no list`];
    return said.flatMap((one, index) => differences(printed[0], one, `${path}[${index}]`));
  }
  if (typeof printed !== 'object' || printed === null)
    return printed === said ? [] : [`${path} is not ${String(printed)}`];
  if (typeof said !== 'object' || said === null) return [`${path} is no object`];
  return Object.entries(printed).flatMap(([name, value]) =>
    name in said
      ? differences(value, (said as Record<string, unknown>)[name], `${path}.${name}`)
      : [`${path}.${name} is missing`],
  );
};
