import {
  createCipheriv,
  createHash,
  createSign,
  createVerify,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { Movement, Said, ShapedDesk } from './shaped-desk';

/** Keys of a merchant at the sandbox, and its own. */
export interface WechatParty {
  readonly merchantId: string;
  /** Of the merchant's certificate. */
  readonly serial: string;
  readonly merchantKey: KeyObject;
  readonly platformSerial: string;
  readonly platformKey: KeyObject;
  /** Where outcomes are pushed, sealed by the key of 32 characters; each twice, as it happens. */
  readonly push?: { readonly url: string; readonly apiKey: string } | undefined;
}

export interface WechatRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
  readonly authorization: string;
}

export interface WechatReply {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

const AGE_MAX_MS = 5 * 60_000;
const sign = (key: KeyObject, ...lines: readonly string[]): string =>
  createSign('RSA-SHA256')
    .update(`${lines.join('\n')}\n`)
    .sign(key, 'base64');

const isSigned = (
  { merchantId, serial, merchantKey }: WechatParty,
  { method, path, body, authorization }: WechatRequest,
  nowMs: number,
): boolean => {
  const said = new Map(
    [...authorization.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
  );
  const [timestamp, nonce] = [said.get('timestamp') ?? '', said.get('nonce_str') ?? ''];
  if (!authorization.startsWith('WECHATPAY2-SHA256-RSA2048 ')) return false;
  if (said.get('mchid') !== merchantId || said.get('serial_no') !== serial) return false;
  if (!(Math.abs(nowMs - Number(timestamp) * 1000) <= AGE_MAX_MS)) return false;
  return createVerify('RSA-SHA256')
    .update([method, path, timestamp, nonce, body, ''].join('\n'))
    .verify(merchantKey, Buffer.from(said.get('signature') ?? '', 'base64'));
};

const chinaTime = (at: unknown): string | undefined =>
  typeof at === 'string'
    ? new Date(Date.parse(at) + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00')
    : undefined;

type Fields = Readonly<Record<string, unknown>>;
const fault = (status: number, code: string): Said => ({ status, body: { code, message: code } });

const STATE: Fields = { captured: 'SUCCESS', declined: 'PAYERROR', processing: 'USERPAYING' };

/** The acquirer's words in theirs. */
const ofPayment = ({ status, body }: Said, party: WechatParty): Said => {
  const said = body as Fields;
  if (status === 404) return fault(404, 'ORDER_NOT_EXIST');
  if (status === 409) return fault(400, 'INVALID_REQUEST');
  if (status !== 200) return fault(status, status === 401 ? 'SIGN_ERROR' : 'SYSTEM_ERROR');
  const isPaid = said['status'] === 'captured';
  return {
    status: 200,
    body: {
      mchid: party.merchantId,
      out_trade_no: said['orderId'],
      trade_state: STATE[String(said['status'])],
      ...(isPaid && {
        transaction_id: said['reference'],
        success_time: chinaTime(said['capturedAt']),
      }),
      amount: { total: said['amountFen'], currency: 'CNY' },
    },
  };
};

const ofRefund = ({ status, body }: Said): Said => {
  const said = body as Fields;
  const code = String(said['code']);
  if (status === 404)
    return fault(404, code === 'ORDER_UNKNOWN' ? 'ORDER_NOT_EXIST' : 'RESOURCE_NOT_EXISTS');
  if (status !== 200) return fault(403, code);
  return {
    status: 200,
    body: {
      refund_id: said['reference'],
      out_refund_no: said['refundId'],
      out_trade_no: said['orderId'],
      status: 'SUCCESS',
      success_time: chinaTime(said['refundedAt']),
      amount: { refund: said['amountFen'], currency: 'CNY' },
    },
  };
};

const HEADING = '交易时间,商户号,商户订单号,交易状态,应结订单金额,商户退款单号,退款金额,手续费';
const yuan = (fen: number): string => (fen / 100).toFixed(2);

/** The bill of a day as CSV: a row a movement, and the sums. */
export const billOf = (merchantId: string, movements: readonly Movement[]): string => {
  const rows = movements
    .filter(({ kind }) => kind === 'capture' || kind === 'refund')
    .map(({ kind, orderId, refundId, amountFen, at }) => {
      const isRefund = kind === 'refund';
      const [paid, refunded] = isRefund ? ['0.00', yuan(amountFen)] : [yuan(amountFen), '0.00'];
      const state = isRefund ? 'REFUND' : 'SUCCESS';
      const time = chinaTime(at)!.slice(0, 19).replace('T', ' ');
      const cells = [
        time,
        merchantId,
        orderId,
        state,
        paid,
        isRefund ? refundId : '',
        refunded,
        '0',
      ];
      return cells.map((cell) => `\`${cell ?? ''}`).join(',');
    });
  return [HEADING, ...rows, '总交易单数,', `\`${rows.length},`, ''].join('\n');
};

/** What is pushed of an order or a refund: `content` sealed by the key of the API. */
export const sealedCallback = (apiKey: string, content: unknown): unknown => {
  const nonce = randomBytes(6).toString('hex');
  const cipher = createCipheriv('aes-256-gcm', apiKey, nonce);
  cipher.setAAD(Buffer.from('transaction'));
  const sealed = [cipher.update(JSON.stringify(content)), cipher.final(), cipher.getAuthTag()];
  return {
    id: randomBytes(16).toString('hex'),
    event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource',
    resource: {
      ...{ algorithm: 'AEAD_AES_256_GCM', ciphertext: Buffer.concat(sealed).toString('base64') },
      ...{ nonce, associated_data: 'transaction' },
    },
  };
};

const PUSHES = 2;

/** Pushes an outcome, and once more; a platform that is away gets none. */
const push = async ({ push: to }: WechatParty, { status, body }: Said): Promise<void> => {
  if (!to || status !== 200) return;
  for (let sent = 0; sent < PUSHES; sent++)
    await fetch(to.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sealedCallback(to.apiKey, body)),
    }).catch(() => undefined);
};

/** An API in the shape of WeChat Pay's version 3, on the same books as the acquirer's own. */
export const wechatReply = async <Silence extends symbol>(
  desk: ShapedDesk<Silence>,
  party: WechatParty,
  request: WechatRequest,
  now: Date,
): Promise<WechatReply | Silence> => {
  const url = new URL(request.path, 'http://wechat');
  const date = url.searchParams.get('bill_date') ?? url.searchParams.get('token') ?? '';
  if (!isSigned(party, request, now.getTime())) return shown(fault(401, 'SIGN_ERROR'), party, now);
  if (url.pathname === '/v3/billdownload/file')
    return { status: 200, headers: {}, text: billOf(party.merchantId, desk.movements(date)) };
  const said = await answered(desk, party, request, url);
  return typeof said === 'symbol' ? said : shown(said, party, now);
};

const answered = async <Silence extends symbol>(
  desk: ShapedDesk<Silence>,
  party: WechatParty,
  { method, body: text }: WechatRequest,
  { pathname, searchParams }: URL,
): Promise<Said | Silence> => {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, never>;
  const found = (said: Said | Silence, show: (said: Said) => Said): Said | Silence =>
    typeof said === 'symbol' ? said : show(said);
  if (pathname === '/v3/bill/tradebill') {
    const date = searchParams.get('bill_date') ?? '';
    const bill = billOf(party.merchantId, desk.movements(date));
    if (desk.movements(date).length === 0) return fault(400, 'NO_STATEMENT_EXIST');
    return {
      status: 200,
      body: {
        hash_type: 'SHA1',
        hash_value: createHash('sha1').update(bill).digest('hex'),
        download_url: `/v3/billdownload/file?token=${date}`,
      },
    };
  }
  if (method === 'POST' && pathname === '/v3/pay/transactions/codepay') {
    const said = await desk.pay({
      orderId: body['out_trade_no']!,
      accountToken: body['payer']!['auth_code'],
      amountFen: body['amount']!['total'],
    });
    if (typeof said === 'symbol') {
      // The answer is lost, and the money moved: it is pushed.
      const taken = desk.payment(body['out_trade_no']!);
      if (typeof taken !== 'symbol') void push(party, ofPayment(taken, party));
    }
    return found(said, (each) => {
      const { status, reason } = each.body as Fields;
      if (each.status === 200 && status === 'processing') return fault(202, 'USERPAYING');
      if (each.status === 200 && status === 'declined')
        return fault(403, reason === 'INSUFFICIENT_FUNDS' ? 'NOTENOUGH' : 'TRADE_ERROR');
      return ofPayment(each, party);
    });
  }
  if (method === 'POST' && pathname === '/v3/refund/domestic/refunds')
    return found(
      desk.refund({
        refundId: body['out_refund_no']!,
        orderId: body['out_trade_no']!,
        amountFen: body['amount']!['refund'],
      }),
      ofRefund,
    );
  if (pathname.startsWith('/v3/refund/domestic/refunds/'))
    return found(desk.refundOf(last), ofRefund);
  if (pathname.startsWith('/v3/pay/transactions/out-trade-no/'))
    return found(desk.payment(last), (said) => ofPayment(said, party));
  return fault(404, 'RESOURCE_NOT_EXISTS');
};

const shown = (
  { status, body }: Said,
  { platformKey, platformSerial }: WechatParty,
  now: Date,
): WechatReply => {
  const text = JSON.stringify(body);
  const [timestamp, nonce] = [
    String(Math.floor(now.getTime() / 1000)),
    randomBytes(16).toString('hex'),
  ];
  return {
    status,
    text,
    headers: {
      'content-type': 'application/json',
      'wechatpay-serial': platformSerial,
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-signature': sign(platformKey, timestamp, nonce, text),
    },
  };
};
