import { DerivedKeys, isSealedBy, type MasterKeys, open, seal } from '@caretab/security';

/**
 * Seals account tokens for the rows that hold them; `owner` (a person or a visit) binds a sealed
 * token to its row.
 */
export class TokenVault {
  private readonly keys: DerivedKeys;

  constructor(masters: MasterKeys) {
    this.keys = new DerivedKeys(masters, 'payment account-tokens');
  }

  seal(token: string, owner: string): string {
    return seal(this.keys, token, `account-token ${owner}`).toString('base64');
  }

  open(sealed: string, owner: string): string {
    return open(this.keys, Buffer.from(sealed, 'base64'), `account-token ${owner}`).toString(
      'utf8',
    );
  }

  /** The same by the key that seals now; undefined where it is. */
  renewed(sealed: string, owner: string): string | undefined {
    if (isSealedBy(this.keys, Buffer.from(sealed, 'base64'))) return undefined;
    return this.seal(this.open(sealed, owner), owner);
  }
}
