"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
function _export(target, all) {
    for(var name in all)Object.defineProperty(target, name, {
        enumerable: true,
        get: Object.getOwnPropertyDescriptor(all, name).get
    });
}
_export(exports, {
    get services () {
        return services;
    },
    get startPlatform () {
        return startPlatform;
    }
});
const _nodecrypto = require("node:crypto");
const _nodepath = require("node:path");
const _adjudication = require("@caretab/adjudication");
const _benefits = require("@caretab/benefits");
const _contracts = require("@caretab/contracts");
const _credit = require("@caretab/credit");
const _gateway = require("@caretab/gateway");
const _identity = require("@caretab/identity");
const _messaging = require("@caretab/messaging");
const _notification = require("@caretab/notification");
const _payment = require("@caretab/payment");
const _postgres = require("@caretab/postgres");
const _service = require("@caretab/service");
const _visitledger = require("@caretab/visit-ledger");
const _outsideworld = require("./outside-world");
const _secrets = require("./secrets");
const services = [
    _identity.identity,
    _credit.credit,
    _adjudication.adjudication,
    _visitledger.visitLedger,
    _payment.payment,
    _notification.notification,
    _gateway.gateway
];
/** One process works all partitions of a topic: few make larger batches, and so fewer transactions. */ const PARTITIONS = 2;
/** A declined collection of the sample day is tried again at once instead of after an hour. */ const SAMPLE_DAY = {
    PAYMENT_RETRY_DELAY_MS: '300',
    PAYMENT_COLLECT_EVERY_MS: '250'
};
const startPlatform = async (options, steps, telemetry)=>{
    const stops = [];
    const stop = async ()=>{
        for (const each of stops.splice(0).reverse())await each();
    };
    try {
        const secrets = (0, _secrets.secretsOf)((0, _nodepath.join)(options.dataDir, 'secrets.json'));
        const postgres = await steps.step('PostgreSQL', (update)=>(0, _postgres.startEmbeddedPostgres)({
                dataDir: (0, _nodepath.join)(options.dataDir, 'postgres'),
                log: update
            }));
        stops.push(()=>postgres.stop());
        const world = await steps.step('sandbox: acquirer, webhooks, mail', ()=>(0, _outsideworld.startOutsideWorld)({
                host: options.host,
                firstPort: options.port + 1,
                dataDir: options.dataDir,
                acquirerSecret: secrets['PAYMENT_ACQUIRER_SECRET'],
                webhookKey: secrets['NOTIFICATION_WEBHOOK_KEY']
            }));
        stops.push(()=>world.stop());
        const url = `http://${options.host}:${options.port}`;
        const env = {
            LOG_LEVEL: 'warn',
            ...SAMPLE_DAY,
            ...secrets,
            ...process.env,
            HTTP_HOST: options.host,
            HTTP_PORT: String(options.port),
            GATEWAY_MLLP_HOST: options.host,
            GATEWAY_MLLP_PORT: String(options.mllpPort),
            IDENTITY_URL: url,
            VISIT_LEDGER_URL: url,
            PAYMENT_ACQUIRER_URL: world.acquirerUrl,
            NOTIFICATION_SMTP_URL: world.smtpUrl
        };
        stops.push(()=>telemetry.shutdown());
        const bus = new _messaging.PgBus({
            url: postgres.url
        });
        stops.push(()=>bus.close());
        const running = await steps.step('seven services, schemas migrated', (update)=>(0, _service.startServices)({
                services,
                env,
                bus,
                topics: (0, _contracts.topicsFor)(_benefits.payerIds).map((topic)=>({
                        ...topic,
                        partitions: Math.min(topic.partitions, PARTITIONS)
                    })),
                databaseUrl: ()=>postgres.url,
                metrics: telemetry.metricsHandler,
                progress: update
            }));
        stops.push(()=>running.stop());
        return {
            url,
            bus,
            webhookUrl: world.webhookUrl,
            stop,
            keyOf: (institutionId)=>(0, _nodecrypto.createHmac)('sha256', secrets['SAMPLE_INSTITUTION_KEY']).update(institutionId).digest('hex')
        };
    } catch (error) {
        await stop();
        throw error;
    }
};
//# sourceMappingURL=platform.js.map
