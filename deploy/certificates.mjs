#!/usr/bin/env node
// Makes the certificates of the HL7 port: an authority of its own, the gateway's certificate, and one
// for each integration engine with the institutions that it speaks for. Needs Node and openssl.
//   node deploy/certificates.mjs FOLDER [--host NAME]… [--engine NAME=INSTITUTION,INSTITUTION]…
// FOLDER/gateway is what the gateway reads, FOLDER/engines what the hospitals get, and
// FOLDER/authority.key signs: keep it where secrets are kept. What is there stays: run it again to add
// an engine. To renew a certificate, or for other hosts, delete it and run it again.
import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [folder, ...options] = process.argv.slice(2);
const given = (name) => options.flatMap((text, at) => (options[at - 1] === name ? [text] : []));
const engines = given('--engine').map((text) =>
  /^([\w-]{1,60})=([A-Z0-9]{2,20}(?:,[A-Z0-9]{2,20})*)$/.exec(text),
);
const isRead = options.length === 2 * (given('--host').length + engines.length);
if (!folder || folder.startsWith('-') || !isRead || engines.includes(null)) {
  console.error(
    'node deploy/certificates.mjs FOLDER [--host NAME] [--engine NAME=INSTITUTION,INSTITUTION]; ' +
      'see the top of the file',
  );
  process.exit(2);
}

const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 398;
const hosts = ['localhost', '127.0.0.1', 'gateway', 'gateway-mllp', ...given('--host')];
const names = hosts.map((host) => `${isIP(host) ? 'IP' : 'DNS'}:${host}`).join(',');

const own = join(folder, 'gateway');
const place = { key: join(folder, 'authority.key'), cert: join(own, 'ca.crt') };
if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(place.cert)) {
  console.error(`${folder} has other files: choose an empty folder`);
  process.exit(2);
}
for (const each of [own, join(folder, 'engines')]) mkdirSync(each, { recursive: true });
// Only its owner enters the folder; what stands in `gateway` is mounted, and read by another user.
chmodSync(folder, 0o700);
chmodSync(own, 0o755);

const work = mkdtempSync(join(tmpdir(), 'certificates-'));
const config = join(work, 'openssl.cnf');
writeFileSync(
  config,
  `[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[gateway]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${names}
[engine]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
`,
);
const openssl = (...args) => {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const why = error.code === 'ENOENT' ? 'it is not installed' : error.stderr;
    console.error(`openssl ${args[0]}: ${why}`);
    rmSync(work, { recursive: true });
    process.exit(1);
  }
};
const newKey = (name, key) => [
  ...['-config', config, '-subj', `/CN=${name}`, '-newkey', 'ec'],
  ...['-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key],
];
const certified = (kind, name, { key, cert }) => {
  if (existsSync(cert)) return;
  const request = join(work, 'request');
  openssl('req', '-new', ...newKey(name, key), '-out', request);
  openssl(
    ...['x509', '-req', '-in', request, '-CA', place.cert, '-CAkey', place.key],
    ...['-set_serial', `0x40${randomBytes(15).toString('hex')}`, '-sha256'],
    ...['-days', String(LEAF_DAYS), '-extfile', config, '-extensions', kind, '-out', cert],
  );
};

if (!existsSync(place.cert))
  openssl(
    ...['req', '-x509', ...newKey('CareTab HL7 authority', place.key), '-sha256'],
    ...['-days', String(AUTHORITY_DAYS), '-extensions', 'authority', '-out', place.cert],
  );
const gateway = { key: join(own, 'tls.key'), cert: join(own, 'tls.crt') };
certified('gateway', 'CareTab gateway', gateway);

const list = join(own, 'senders.json');
const { senders } = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : { senders: [] };
for (const [, name, institutions] of engines) {
  const cert = join(folder, 'engines', `${name}.crt`);
  certified('engine', name, { key: join(folder, 'engines', `${name}.key`), cert });
  const { fingerprint256: fingerprint } = new X509Certificate(readFileSync(cert));
  const sender = { name, fingerprint, institutions: institutions.split(',') };
  const at = senders.findIndex((one) => one.fingerprint === fingerprint);
  senders.splice(at < 0 ? senders.length : at, 1, sender);
}
writeFileSync(list, `${JSON.stringify({ senders }, null, 2)}\n`);
for (const file of readdirSync(own)) chmodSync(join(own, file), 0o644);
rmSync(work, { recursive: true });
const { subjectAltName } = new X509Certificate(readFileSync(gateway.cert));
console.log(
  `${folder}: for ${subjectAltName}; engines: ` +
    (senders.map(({ name, institutions }) => `${name} (${institutions})`).join(', ') || 'none'),
);
