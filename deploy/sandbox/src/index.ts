export { type AlipayParty } from './acquirer/alipay';
export { sealedCallback, type WechatParty } from './acquirer/wechat';
export { type Acquirer, type AcquirerOptions, startAcquirer } from './acquirer/acquirer';
export { AcquirerBook, type Refund, type StatementEntry } from './acquirer/acquirer-book';
export { behaviourOf, capturedAs } from './acquirer/behaviour';
export { signRequest } from './acquirer/request-signature';
export { SandboxConfig } from './config';
export { CENTRE_ACCESS_KEY, type CentreSandbox, openCentre } from './centre/centre';
export type { SandboxSettlement } from './centre/centre-book';
export { type IssuersSandbox, openIssuers } from './registries/issuers';
export {
  type AccountBehaviour,
  SettlementBankBook,
  type SettlementReport,
} from './settlement-bank/bank-book';
export { openSettlementBank, type SettlementBankSandbox } from './settlement-bank/settlement-bank';
export { openPublicData, type PublicDataSandbox } from './registries/public-data';
export { type MailSink, type SunkMail, startMailSink } from './mail/mail-sink';
export { type MessageSink, openMessageSink, type SunkMessage } from './messages/message-sink';
export { institutionSecrets, webhookSecret } from './webhook/webhook-signature';
export {
  type ReceivedWebhook,
  startWebhookReceiver,
  type WebhookReceiver,
} from './webhook/webhook-receiver';
export { type Sandboxes as OutsideWorld, startSandboxes as startOutsideWorld } from './sandboxes';
