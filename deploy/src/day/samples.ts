import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SampleInstitution {
  readonly institutionId: string;
  readonly name: string;
  readonly level: string;
  readonly door: 'hl7' | 'http' | 'events';
  /** How it speaks; see the gateway's docs/hl7.md. */
  readonly interface?: object;
}

export interface SampleCitizen {
  readonly citizen: string;
  readonly name: string;
  readonly idNumber: string;
  readonly mobile: string;
  readonly email: string;
  readonly language: string;
  readonly score: number;
  readonly openService: boolean;
  readonly freeze?: string;
  readonly guardian?: string;
  readonly memberships: readonly object[];
  readonly account: { readonly channel: string; readonly token: string } | null;
}

export interface Expectations {
  readonly businessDate: string;
  readonly refused: readonly {
    readonly trouble: string;
    readonly code: string;
    readonly count: number;
  }[];
  readonly parked: readonly {
    readonly trouble: string;
    readonly service: string;
    readonly count: number;
  }[];
  readonly visits: readonly {
    readonly visitId: string;
    readonly trouble?: string;
    readonly expect: Readonly<Record<string, unknown>>;
  }[];
}

export type Phase = 'day' | 'evening';
export const PHASES: readonly Phase[] = ['day', 'evening'];

/** The files of a sample day (samples/README.md says what each holds). */
export class Samples {
  constructor(private readonly root: string) {}

  institutions(): SampleInstitution[] {
    return this.json('setup/institutions.json');
  }

  citizens(): SampleCitizen[] {
    return this.json('setup/citizens.json');
  }

  expectations(): Expectations {
    return this.json('expectations.json');
  }

  /**
   * A hospital's HL7 messages of a phase, as bytes with carriage returns, in the order of file
   * names. Messages in a file are parted by an empty line.
   */
  hl7(phase: Phase, institutionId: string): Buffer[] {
    return this.files(phase, institutionId, '.hl7').flatMap((path) => {
      const text = readFileSync(path).toString('latin1').replace(/\r\n?/g, '\n');
      return text
        .split(/\n{2,}/)
        .filter((message) => message.trim() !== '')
        .map((message) => Buffer.from(message.trimEnd().replace(/\n/g, '\r'), 'latin1'));
    });
  }

  /** The lines of a feed's JSONL files in the order of file names. */
  lines<Line>(phase: Phase, folder: string): Line[] {
    return this.files(phase, folder, '.jsonl').flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as Line),
    );
  }

  private files(phase: Phase, folder: string, suffix: string): string[] {
    const path = join(this.root, phase, folder);
    return existsSync(path)
      ? readdirSync(path)
          .filter((name) => name.endsWith(suffix))
          .sort()
          .map((name) => join(path, name))
      : [];
  }

  private json<Value>(path: string): Value {
    return JSON.parse(readFileSync(join(this.root, path), 'utf8')) as Value;
  }
}
