import { WebhookTargets } from './webhook-target.adapter';

const goes = (url: string, address: string, allowed?: string): boolean =>
  new WebhookTargets(allowed).mayGo(new URL(url), address);

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.0.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '172.20.0.2',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fd00::1',
  'fe80::1',
])('no webhook goes to %s by a name that leads there', (address) => {
  expect(goes('https://hospital.example/hooks', address)).toBe(false);
});

test.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
  'a public receiver has %s, and TLS',
  (address) => {
    expect(goes('https://hospital.example/hooks', address)).toBe(true);
    expect(goes('http://hospital.example/hooks', address)).toBe(false);
  },
);

test('an inner receiver is allowed by its name, its address or its network, and no other is', () => {
  const allowed = 'sandbox,10.1.0.0/16,127.0.0.1';
  expect(goes('http://sandbox:8082/hooks', '172.20.0.2', allowed)).toBe(true);
  expect(goes('http://127.0.0.1:8082/hooks', '127.0.0.1', allowed)).toBe(true);
  expect(goes('http://hospital.example/hooks', '10.1.2.3', allowed)).toBe(true);
  expect(goes('http://hospital.example/hooks', '10.2.0.1', allowed)).toBe(false);
  expect(goes('http://other:8082/hooks', '172.20.0.2', allowed)).toBe(false);
});
