import { parseConfig, type ServiceParts } from '@caretab/host';
import { fixedClock } from '@caretab/doubles';
import { GatewayConfig } from '../config';
import { mllpOptions } from './mllp-options';

const NEEDED = {
  GATEWAY_SEALING_KEY: Buffer.alloc(32).toString('base64'),
  IDENTITY_URL: 'http://127.0.0.1:1',
  VISIT_LEDGER_URL: 'http://127.0.0.1:1',
  NOTIFICATION_URL: 'http://127.0.0.1:1',
  PAYMENT_URL: 'http://127.0.0.1:1',
};
const TLS = {
  GATEWAY_MLLP_TLS_CERT_FILE: '/tls/tls.crt',
  GATEWAY_MLLP_TLS_KEY_FILE: '/tls/tls.key',
  GATEWAY_MLLP_TLS_CA_FILE: '/tls/ca.crt',
  GATEWAY_MLLP_SENDERS_FILE: '/senders/senders.json',
};
const clock = fixedClock('2024-01-15T01:05:00Z');
const optionsOf = (env: Readonly<Record<string, string>>, logger: object = {}) => {
  const config = parseConfig('gateway', GatewayConfig, { ...NEEDED, ...env });
  return mllpOptions({ config, clock, logger } as unknown as ServiceParts<typeof config>);
};

test('on the loopback address the port may be plain', () => {
  const { tls, plainFrom } = optionsOf({});
  expect([tls, plainFrom]).toEqual([undefined, undefined]);
});

test('on any other address the start is refused with what to set, unless TLS or networks are', () => {
  const open = { GATEWAY_MLLP_HOST: '0.0.0.0' };
  expect(() => optionsOf(open)).toThrow(
    /GATEWAY_MLLP_HOST: .*GATEWAY_MLLP_TLS_CERT_FILE.*GATEWAY_MLLP_PLAIN_FROM.*127\.0\.0\.1/s,
  );
  expect(optionsOf({ ...open, ...TLS }).tls).toBeDefined();
  expect(optionsOf({ ...open, GATEWAY_MLLP_PLAIN_FROM: '10.1.0.0/16,fd00::/8' })).toMatchObject({
    tls: undefined,
    plainFrom: ['10.1.0.0/16', 'fd00::/8'],
  });
});

test.each(Object.keys(TLS))('TLS without %s is refused', (name) => {
  expect(() => optionsOf({ ...TLS, [name]: '' })).toThrow(/TLS needs all four/);
});

test('a port is not plain and secured at once, and a network is one', () => {
  expect(() => optionsOf({ ...TLS, GATEWAY_MLLP_PLAIN_FROM: '10.0.0.0/8' })).toThrow(/not both/);
  expect(() => optionsOf({ GATEWAY_MLLP_PLAIN_FROM: 'anywhere' })).toThrow(
    /GATEWAY_MLLP_PLAIN_FROM/,
  );
});

test('who is refused is logged with its address, each kind at most every ten seconds; idle is not', () => {
  const logged: object[] = [];
  const { cut, forbidden } = optionsOf({}, { warn: (what: object) => void logged.push(what) });
  cut('certificate', '10.1.0.1 CERT_HAS_EXPIRED');
  cut('certificate', '10.1.0.2 CERT_HAS_EXPIRED');
  cut('peer', '10.1.0.3 engine of the hospital group');
  cut('idle', '10.1.0.4');
  forbidden('10.1.0.3 engine of the hospital group', 'HZ555');
  clock.advance(10_000);
  cut('certificate', '10.1.0.5 CERT_HAS_EXPIRED');
  expect(logged).toEqual([
    { count: 1, why: 'certificate', last: '10.1.0.1 CERT_HAS_EXPIRED', port: 2575 },
    { count: 1, why: 'peer', last: '10.1.0.3 engine of the hospital group', port: 2575 },
    { count: 1, last: { from: '10.1.0.3 engine of the hospital group', institutionId: 'HZ555' } },
    { count: 2, why: 'certificate', last: '10.1.0.5 CERT_HAS_EXPIRED', port: 2575 },
  ]);
});
