import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '@caretab/kernel';
import { fingerprintOf, type Sender, type Senders, sendersIn } from './senders';

/** Paths: certificate and key of our own, who signs the hospitals' certificates, and whose they are. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
  readonly senders: string;
}

const VARIABLES: Readonly<Record<keyof TlsFiles, string>> = {
  certificate: 'GATEWAY_MLLP_TLS_CERT_FILE',
  key: 'GATEWAY_MLLP_TLS_KEY_FILE',
  authorities: 'GATEWAY_MLLP_TLS_CA_FILE',
  senders: 'GATEWAY_MLLP_SENDERS_FILE',
};

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const OURS = 'gateway';

/** TLS of the HL7 door: its files, which may be replaced while it runs, and whose certificates they name. */
export class MllpTls {
  private material: TlsMaterial | undefined;
  private senders: Senders = new Map();
  private sendersText = '';
  /** Until when the certificates are valid: our own, and those of senders as they were seen. */
  private readonly ends = new Map<string, { readonly name: string; readonly end: Date }>();

  constructor(
    private readonly files: TlsFiles,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads the files; gives the material of TLS where it is another than before. Throws, and goes on
   * with what it had, where a file is missing or wrong.
   */
  refresh(): TlsMaterial | undefined {
    const text = this.read('senders');
    if (text !== this.sendersText) {
      this.senders = this.parsed('senders', () => sendersIn(text));
      this.sendersText = text;
    }
    const material = {
      cert: this.read('certificate'),
      key: this.read('key'),
      ca: this.read('authorities'),
    };
    if (JSON.stringify(material) === JSON.stringify(this.material)) return undefined;
    this.parsed('authorities', () => new X509Certificate(material.ca));
    const own = this.parsed('certificate', () => new X509Certificate(material.cert));
    this.parsed('key', () => createSecureContext(material));
    this.ends.set(OURS, { name: OURS, end: new Date(own.validTo) });
    this.material = material;
    return material;
  }

  /** Whose the certificate is, as of now; undefined for a stranger's, and for one that is over. */
  senderOf(certificate: X509Certificate): Sender | undefined {
    const fingerprint = fingerprintOf(certificate.fingerprint256);
    const sender = this.senders.get(fingerprint);
    const end = new Date(certificate.validTo);
    if (sender) this.ends.set(fingerprint, { name: sender.name, end });
    return end > this.clock.now() ? sender : undefined;
  }

  /**
   * Whether a certificate, by its fingerprint, is listed for an institution, as of now, and is not
   * over as far as it was seen.
   */
  maySpeak(fingerprint: string, institutionId: string): boolean {
    const key = fingerprintOf(fingerprint);
    const { end } = this.ends.get(key) ?? {};
    if (end && end <= this.clock.now()) return false;
    return this.senders.get(key)?.institutions.includes(institutionId) ?? false;
  }

  /** Seconds that are left to certificates that are in use; negative when they are over. */
  secondsLeft(): readonly { readonly sender: string; readonly seconds: number }[] {
    const nowMs = this.clock.now().getTime();
    const inUse = [...this.ends].filter(([of]) => of === OURS || this.senders.has(of));
    return inUse.map(([, { name, end }]) => ({
      sender: name,
      seconds: Math.round((end.getTime() - nowMs) / 1000),
    }));
  }

  private read(of: keyof TlsFiles): string {
    return this.parsed(of, () => readFileSync(this.files[of], 'utf8'));
  }

  private parsed<Result>(of: keyof TlsFiles, parse: () => Result): Result {
    try {
      return parse();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`HL7 v2 (MLLP): ${VARIABLES[of]}: ${why}`, { cause });
    }
  }
}
