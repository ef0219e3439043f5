/** The command line is not understood, or help was asked for; the message is what to print. */
export class Usage extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

export interface Grammar {
  /** What --help prints, and every complaint ends with. */
  readonly help: string;
  /** Options without a value. */
  readonly flags: readonly string[];
  /** Options with a value. */
  readonly values: readonly string[];
}

/** What was said: options by name, each with its values in order (a flag's is 'yes'). */
export class CommandLine {
  private readonly said = new Map<string, string[]>();

  /** Throws Usage. */
  constructor(
    args: readonly string[],
    private readonly grammar: Grammar,
  ) {
    const { help, flags, values } = grammar;
    if (args.includes('--help') || args.includes('-h')) throw new Usage(help, 0);
    for (let index = 0; index < args.length; index += 1) {
      const arg = args[index]!;
      const value = args[index + 1];
      if (flags.includes(arg)) this.note(arg, 'yes');
      else if (values.includes(arg) && value !== undefined) this.note(arg, args[(index += 1)]!);
      else
        throw this.wrong(
          values.includes(arg) ? `${arg} needs a value` : `There is no option ${arg}`,
        );
    }
  }

  has(name: string): boolean {
    return this.said.has(name);
  }

  /** The last value given, as with most programs. */
  value(name: string): string | undefined {
    return this.said.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.said.get(name) ?? [];
  }

  /** Throws Usage. */
  port(name: string, otherwise: number): number {
    const port = Number(this.value(name) ?? otherwise);
    if (!Number.isInteger(port) || port < 1 || port > 65_500)
      throw this.wrong(`${name} takes a port from 1 to 65500`);
    return port;
  }

  wrong(what: string): Usage {
    return new Usage(`${what}.\n\n${this.grammar.help}`, 2);
  }

  private note(name: string, value: string): void {
    this.said.set(name, [...this.all(name), value]);
  }
}
