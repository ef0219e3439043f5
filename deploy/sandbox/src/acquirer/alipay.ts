import { createSign, createVerify, type KeyObject } from 'node:crypto';
import { zipSync } from 'fflate';
import { encode } from 'iconv-lite';
import type { Movement, Said, ShapedDesk } from './shaped-desk';

/** Keys of a merchant at the sandbox, and its own. */
export interface AlipayParty {
  readonly appId: string;
  readonly merchantKey: KeyObject;
  readonly platformKey: KeyObject;
  /** Where the sandbox itself is reached, for links to bills. */
  readonly url: () => string;
}

type Fields = Readonly<Record<string, unknown>>;
const REFUSED = '40004';
const HOURS_8_MS = 8 * 3_600_000;
const SIGNED_MS = 15 * 60_000;

const chinaTime = (at: unknown): string =>
  new Date(Date.parse(String(at)) + HOURS_8_MS).toISOString().slice(0, 19).replace('T', ' ');
const yuan = (fen: unknown): string => (Number(fen) / 100).toFixed(2);
const fen = (text: unknown): number => Math.round(Number(text) * 100);
const no = (sub_code: string): Fields => ({ code: REFUSED, msg: 'Business Failed', sub_code });
const UNCLEAR: Fields = {
  code: '20000',
  msg: 'Service Currently Unavailable',
  sub_code: 'aop.unknow-error',
};
const done = (said: Fields): Fields => ({ code: '10000', msg: 'Success', ...said });

const isSigned = (
  party: AlipayParty,
  fields: ReadonlyMap<string, string>,
  nowMs: number,
): boolean => {
  const text = [...fields.keys()]
    .filter((name) => name !== 'sign')
    .sort()
    .map((name) => `${name}=${fields.get(name)!}`)
    .join('&');
  const at = Date.parse(`${(fields.get('timestamp') ?? '').replace(' ', 'T')}+08:00`);
  return (
    fields.get('app_id') === party.appId &&
    Math.abs(nowMs - at) <= SIGNED_MS &&
    createVerify('RSA-SHA256')
      .update(text)
      .verify(party.merchantKey, Buffer.from(fields.get('sign') ?? '', 'base64'))
  );
};

const ofTrade = ({ status, body }: Said): Fields => {
  const said = body as Fields;
  if (status === 404) return no('ACQ.TRADE_NOT_EXIST');
  if (status === 409) return no('ACQ.CONTEXT_INCONSISTENT');
  if (status !== 200) return UNCLEAR;
  const state = {
    captured: 'TRADE_SUCCESS',
    processing: 'WAIT_BUYER_PAY',
    declined: 'TRADE_CLOSED',
  }[String(said['status'])];
  return done({
    out_trade_no: said['orderId'],
    trade_no: said['reference'],
    trade_status: state,
    total_amount: yuan(said['amountFen']),
    ...(said['capturedAt'] !== undefined && { send_pay_date: chinaTime(said['capturedAt']) }),
  });
};

const ofPay = (said: Said): Fields => {
  const { status, reason, capturedAt } = said.body as Fields;
  if (said.status !== 200) return ofTrade(said);
  if (status === 'declined')
    return no(
      reason === 'INSUFFICIENT_FUNDS' ? 'ACQ.BUYER_BALANCE_NOT_ENOUGH' : 'ACQ.PAYMENT_FAIL',
    );
  if (status === 'processing') return { code: '10003', msg: 'order success pay inprocess' };
  const { trade_status: _, send_pay_date: __, ...paid } = ofTrade(said) as Record<string, unknown>;
  return { ...paid, gmt_payment: chinaTime(capturedAt) };
};

const ofRefund = ({ status, body }: Said): Fields => {
  const said = body as Fields;
  if (status === 404 && said['code'] !== 'ORDER_UNKNOWN') return done({});
  if (status === 404) return no('ACQ.TRADE_NOT_EXIST');
  if (status !== 200) return no(`ACQ.${String(said['code'])}`);
  return done({
    out_trade_no: said['orderId'],
    out_request_no: said['refundId'],
    trade_no: said['reference'],
    refund_amount: yuan(said['amountFen']),
    refund_status: 'REFUND_SUCCESS',
    gmt_refund_pay: chinaTime(said['refundedAt']),
  });
};

const HEADING = '商户订单号,业务类型,订单金额（元）,退款批次号/请求号,完成时间';

/** The bill of details, as CSV. */
const alipayBillOf = (movements: readonly Movement[]): string => {
  const rows = movements
    .filter(({ kind }) => kind === 'capture' || kind === 'refund')
    .map(({ kind, orderId, refundId, amountFen, at }) => {
      const isRefund = kind === 'refund';
      const amount = `${isRefund ? '-' : ''}${yuan(amountFen)}`;
      const cells = [
        orderId,
        isRefund ? '退款' : '交易',
        amount,
        isRefund ? refundId : '',
        chinaTime(at),
      ];
      return cells.map((cell) => `${cell ?? ''}\t`).join(',');
    });
  const head = ['#支付宝业务明细查询', '#-----业务明细列表-----'];
  return [...head, HEADING, ...rows, '#-----业务明细列表结束-----', ''].join('\r\n');
};

/** That bill as it is downloaded: in GBK, in a ZIP file. */
export const zippedBill = (movements: readonly Movement[]): Uint8Array =>
  zipSync({ 'bill.csv': encode(alipayBillOf(movements), 'gbk') });

/** A gateway in the shape of Alipay's, on the same books as the acquirer's own. */
export const alipayReply = async <Silence extends symbol>(
  desk: ShapedDesk<Silence>,
  party: AlipayParty,
  body: string,
  now: Date,
): Promise<string | Silence> => {
  const fields = new Map(new URLSearchParams(body));
  const method = fields.get('method') ?? '';
  if (!isSigned(party, fields, now.getTime()))
    return JSON.stringify({ error_response: { code: '40002', sub_code: 'isv.invalid-signature' } });
  const content = JSON.parse(fields.get('biz_content') ?? '{}') as Fields;
  const said = await answered(desk, party, method, content);
  if (typeof said === 'symbol') return said;
  const text = JSON.stringify(said);
  const sign = createSign('RSA-SHA256').update(text).sign(party.platformKey, 'base64');
  return `{"${method.replaceAll('.', '_')}_response":${text},"sign":"${sign}"}`;
};

const answered = async <Silence extends symbol>(
  desk: ShapedDesk<Silence>,
  party: AlipayParty,
  method: string,
  content: Fields,
): Promise<Fields | Silence> => {
  const shown = (said: Said | Silence, show: (said: Said) => Fields): Fields | Silence =>
    typeof said === 'symbol' ? said : show(said);
  const [orderId, refundId] = [String(content['out_trade_no']), String(content['out_request_no'])];
  switch (method) {
    case 'alipay.trade.pay': {
      const accountToken = String(content['auth_code']);
      const amountFen = fen(content['total_amount']);
      return shown(await desk.pay({ orderId, accountToken, amountFen }), ofPay);
    }
    case 'alipay.trade.query':
      return shown(desk.payment(orderId), ofTrade);
    case 'alipay.trade.refund': {
      const amountFen = fen(content['refund_amount']);
      return shown(desk.refund({ refundId, orderId, amountFen }), ofRefund);
    }
    case 'alipay.trade.fastpay.refund.query':
      return shown(desk.refundOf(refundId), ofRefund);
    case 'alipay.data.dataservice.bill.downloadurl.query': {
      const date = String(content['bill_date']);
      if (desk.movements(date).length === 0) return no('isp.bill_not_exist');
      return done({ bill_download_url: `${party.url()}/alipay/bill?date=${date}` });
    }
    default:
      return no('isv.invalid-method');
  }
};
