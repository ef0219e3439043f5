import { parseArgs } from 'node:util';

/** The command line is not understood, or help was asked for; the message is what to print. */
export class Usage extends Error {
  constructor(
    message: string,
    /** 0 for help, 2 for a command line that is not understood. */
    readonly exitCode: number,
  ) {
    super(message);
  }
}

export interface Grammar {
  /** What --help prints, and every complaint ends with. */
  readonly help: string;
  /** Options without a value, as they are typed: `--json`. */
  readonly flags?: readonly string[];
  /** Options with a value: `--port 8080` or `--port=8080`. */
  readonly values?: readonly string[];
  /** Arguments without a name that are allowed; none unless given. */
  readonly positionalsMax?: number;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The options of one command, read by `node:util` parseArgs. The last value of an option counts. */
export class CommandLine {
  private readonly given = new Map<string, string[]>();
  readonly positionals: readonly string[];

  /** Throws Usage: for --help or -h, an unknown option, or an option without its value. */
  constructor(
    args: readonly string[],
    private readonly grammar: Grammar,
  ) {
    const { help, flags = [], values = [], positionalsMax = 0 } = grammar;
    if (args.includes('--help') || args.includes('-h')) throw new Usage(help, 0);
    const optionsOf = (names: readonly string[], type: 'string' | 'boolean') =>
      Object.fromEntries(names.map((name) => [name.replace(/^--/, ''), { type }]));
    const { tokens } = parseArgs({
      args: [...args],
      options: { ...optionsOf(flags, 'boolean'), ...optionsOf(values, 'string') },
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    const positionals: string[] = [];
    for (const token of tokens) {
      if (token.kind === 'positional') positionals.push(token.value);
      if (token.kind !== 'option') continue;
      const { rawName, value } = token;
      if (!flags.includes(rawName) && !values.includes(rawName))
        throw this.wrong(`There is no option ${rawName}`);
      if (values.includes(rawName) && value === undefined)
        throw this.wrong(`${rawName} needs a value`);
      this.given.set(rawName, [...this.all(rawName), value ?? 'yes']);
    }
    const surplus = positionals[positionalsMax];
    if (surplus !== undefined) throw this.wrong(`There is no option ${surplus}`);
    this.positionals = positionals;
  }

  has(name: string): boolean {
    return this.given.has(name);
  }

  value(name: string): string | undefined {
    return this.given.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }

  /** A whole number within bounds, or undefined when it was not given. Throws Usage. */
  whole(name: string, { min, max }: Bounds): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    if (!/^-?\d{1,15}$/.test(text) || Number(text) < min || Number(text) > max)
      throw this.wrong(`${name} takes a whole number from ${min} to ${max}`);
    return Number(text);
  }

  /** One of the choices, or undefined when it was not given. Throws Usage. */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    const choice = choices.find((known) => known === text);
    if (choice === undefined) throw this.wrong(`${name} takes one of: ${choices.join(', ')}`);
    return choice;
  }

  /** Throws Usage. */
  port(name: string, otherwise: number): number {
    const port = Number(this.value(name) ?? otherwise);
    if (!Number.isInteger(port) || port < 1 || port > 65_500)
      throw this.wrong(`${name} takes a port from 1 to 65500`);
    return port;
  }

  /** What to throw for a command line that is not understood: the reason, and the help. */
  wrong(what: string): Usage {
    return new Usage(`${what}.\n\n${this.grammar.help}`, 2);
  }
}

/** Runs a program and sets the process's exit status; prints what a Usage says. */
export const exitWith = async (program: () => Promise<number> | number): Promise<void> => {
  try {
    process.exitCode = await program();
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
};
