import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from '@caretab/command-line';
import { KeyFile } from '@caretab/security';
import type { Hl7LineOptions } from './hl7-line';

export interface FrontNodeOptions {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly institutionId: string;
  readonly platformUrl: string;
  readonly identityUrl: string;
  /** Of the doors of this node: what the hospital's systems send. */
  readonly key: string;
  /** Of the institution, for the platform. */
  readonly institutionKey: string;
  /** Seals what lies on the disk. */
  readonly dataKey: KeyFile;
  readonly noticesUrl?: string | undefined;
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** So long a sender waits for the platform's own answer. */
  readonly waitMs: number;
  /** Where it takes HL7 v2 over MLLP, and where that goes. */
  readonly hl7?: { readonly port: number; readonly platform: Hl7LineOptions } | undefined;
}

export const HELP = `npm run caretab -- front-node --institution HZ001 --platform https://caretab.example.cn

A hospital's front node: its systems apply for codes, have them read, and reach the platform through
it, also while the platform is away. 医疗机构前置节点：院内各系统经它申领、识读二维码并接入平台，平台
中断时照常可用。

  --institution ID      the institution's id at the platform · 机构代码
  --platform URL        where the platform answers · 平台地址
  --identity URL        where identity answers (default: the platform's address)
  --port N              where the node listens (default 8095) · 监听端口
  --host ADDRESS        on which address (default 127.0.0.1) · 监听地址
  --data DIR            its folder (default ./data/front-node) · 数据目录
  --hl7-platform HOST:PORT  the platform's HL7 port; then the node takes HL7 v2 too · 平台 HL7 端口
  --hl7-port N          where it takes it (default 2575) · 本节点 HL7 端口
  --hl7-tls DIR         ca.pem, cert.pem, key.pem of the institution; without it the line is plain · 证书目录
  --notices URL         where refusals go that came after a message was kept · 拒收通知地址
  --messages N          messages that it keeps at most (default 10000) · 最多留存条数
  --megabytes N         and how much of them (default 256) · 最多留存容量
  --wait MS             how long a sender waits for the platform's own answer (default 4000) · 等待平台答复毫秒数

In the environment · 环境变量:
  FRONT_NODE_KEY              the key that the hospital's systems send, at least 24 characters
  FRONT_NODE_INSTITUTION_KEY  the institution's API key at the platform
  FRONT_NODE_DATA_KEY         seals what lies on the disk: 32 bytes in hex, or the path of a file of keys`;

const KEY_LENGTH_MIN = 24;
const MEGABYTE = 1_000_000;

/** Throws Usage with what is wrong, and KeysRefused. No secret has a default. */
export const optionsOf = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FrontNodeOptions => {
  const line = new CommandLine(args, {
    help: HELP,
    values: [
      ...['--institution', '--platform', '--identity', '--port', '--host', '--data'],
      ...['--notices', '--messages', '--megabytes', '--wait'],
      ...['--hl7-platform', '--hl7-port', '--hl7-tls'],
    ],
  });
  const url = (name: string): string | undefined => {
    const text = line.value(name);
    if (text !== undefined && !/^https?:\/\//.test(text))
      throw line.wrong(`${name} takes an address that begins with https:// or http://`);
    return text;
  };
  const secret = (name: string): string => {
    const text = env[name] ?? '';
    if (text.length < KEY_LENGTH_MIN)
      throw line.wrong(`${name} is not set, or shorter than ${KEY_LENGTH_MIN} characters`);
    return text;
  };
  const platformUrl = url('--platform');
  const institutionId = line.value('--institution');
  if (platformUrl === undefined) throw line.wrong('--platform is missing');
  if (institutionId === undefined || !/^[A-Z0-9]{2,20}$/.test(institutionId))
    throw line.wrong('--institution takes the id that the institution has at the platform');
  return {
    ...{ platformUrl, institutionId },
    host: line.value('--host') ?? '127.0.0.1',
    port: line.port('--port', 8095),
    folder: line.value('--data') ?? './data/front-node',
    identityUrl: url('--identity') ?? platformUrl,
    key: secret('FRONT_NODE_KEY'),
    institutionKey: secret('FRONT_NODE_INSTITUTION_KEY'),
    dataKey: new KeyFile('FRONT_NODE_DATA_KEY', env['FRONT_NODE_DATA_KEY'] ?? ''),
    noticesUrl: url('--notices'),
    messagesMax: line.whole('--messages', { min: 1, max: 100_000 }) ?? 10_000,
    bytesMax: (line.whole('--megabytes', { min: 1, max: 2_000 }) ?? 256) * MEGABYTE,
    waitMs: line.whole('--wait', { min: 0, max: 20_000 }) ?? 4_000,
    hl7: hl7Of(line),
  };
};

const PLACE = /^([A-Za-z0-9.-]{1,253}|\[[0-9a-f:]+\]):(\d{1,5})$/;

const hl7Of = (line: CommandLine): FrontNodeOptions['hl7'] => {
  const place = line.value('--hl7-platform');
  const folder = line.value('--hl7-tls');
  if (place === undefined) return undefined;
  const [, host, port] = PLACE.exec(place) ?? [];
  if (host === undefined) throw line.wrong('--hl7-platform takes HOST:PORT');
  const file = (name: string): string => {
    try {
      return readFileSync(join(folder!, name), 'utf8');
    } catch {
      throw line.wrong(`--hl7-tls takes a folder with ca.pem, cert.pem and key.pem: no ${name}`);
    }
  };
  const tls = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } as const;
  return {
    port: line.port('--hl7-port', 2575),
    platform: {
      ...{ host: host.replace(/[[\]]/g, ''), port: Number(port) },
      ...(folder !== undefined && {
        tls: { ca: file(tls.ca), cert: file(tls.cert), key: file(tls.key) },
      }),
    },
  };
};
