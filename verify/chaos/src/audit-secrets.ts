import { Check, type Finding } from './finding';

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Looks through texts for what must not be in them: raw, or as JSON and URLs write it. */
export class SecretSearch {
  private readonly pattern: RegExp;
  private readonly check = new Check(
    'no personal data (names, ID numbers, mobile numbers, e-mail addresses) is in ' +
      'any message of any topic or in any log',
  );
  private readonly places = new Set<string>();

  constructor(secrets: readonly string[]) {
    const forms = secrets.flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      [...secret].map(unicode).join(''),
    ]);
    this.pattern = new RegExp([...new Set(forms)].map(escaped).join('|'), 'i');
  }

  /** `where`: a topic or a file. Never prints what was found: the result is a log, too. */
  look(text: string, where: string): void {
    this.places.add(where);
    this.check.must(!this.pattern.test(text), () => ({ where }));
  }

  finding(): Finding {
    this.check.note(`${this.places.size} topics and logs`);
    return this.check.finding();
  }
}

/** As JSON may write what is not ASCII. */
const unicode = (character: string): string =>
  character.charCodeAt(0) > 0x7f
    ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
    : character;
