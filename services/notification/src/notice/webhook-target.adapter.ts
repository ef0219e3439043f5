import { BlockList, isIP } from 'node:net';

const networks = (list: BlockList, texts: readonly string[]): BlockList => {
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
};

/**
 * Addresses that are no public receiver's (IANA's registries of special purposes): this machine, its
 * network, a cloud's metadata, and the forms of IPv6 that have an address of IPv4 inside.
 */
const SPECIAL =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 ' +
  '192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 ' +
  '224.0.0.0/4 240.0.0.0/4 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 ' +
  '2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8';

const special = networks(new BlockList(), SPECIAL.split(' '));

const holds = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Where webhooks may go, beside receivers that are public. */
export class WebhookTargets {
  private readonly names = new Set<string>();
  private readonly networks: BlockList;

  /** `allowed`: names of hosts, addresses and networks (`10.1.0.0/16`), separated by commas. */
  constructor(allowed: string | undefined) {
    const entries = allowed?.split(',') ?? [];
    const isNetwork = (entry: string): boolean => isIP(entry.split('/')[0]!) !== 0;
    this.networks = networks(new BlockList(), entries.filter(isNetwork));
    for (const entry of entries) if (!isNetwork(entry)) this.names.add(entry.toLowerCase());
  }

  /**
   * Whether a connection may be made: to an address that is public and by TLS, or to one that is
   * allowed by name or number.
   */
  mayGo({ hostname, protocol }: Pick<URL, 'hostname' | 'protocol'>, address: string): boolean {
    if (this.names.has(hostname.toLowerCase()) || holds(this.networks, address)) return true;
    return protocol === 'https:' && !holds(special, address);
  }
}
