import { deriveKey, open, seal } from '@caretab/security';

/**
 * Seals account tokens for the rows that hold them; `owner` (a person or a visit) binds a sealed
 * token to its row.
 */
export class TokenVault {
  private readonly key: Buffer;

  /** `masterKeyHex` is 32 bytes in hex. */
  constructor(masterKeyHex: string) {
    this.key = deriveKey(Buffer.from(masterKeyHex, 'hex'), 'payment account-tokens');
  }

  seal(token: string, owner: string): string {
    return seal(this.key, token, `account-token ${owner}`).toString('base64');
  }

  open(sealed: string, owner: string): string {
    return open(this.key, Buffer.from(sealed, 'base64'), `account-token ${owner}`).toString('utf8');
  }
}
