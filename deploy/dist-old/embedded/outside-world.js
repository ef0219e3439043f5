"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "startOutsideWorld", {
    enumerable: true,
    get: function() {
        return startOutsideWorld;
    }
});
const _nodepath = require("node:path");
const _sandbox = require("@caretab/sandbox");
const startOutsideWorld = async (options)=>{
    const { host, firstPort } = options;
    const journal = (name)=>(0, _nodepath.join)(options.dataDir, 'sandbox', `${name}.jsonl`);
    const acquirer = await (0, _sandbox.startAcquirer)({
        host,
        port: firstPort,
        secret: options.acquirerSecret,
        journalFile: journal('acquirer')
    });
    const webhooks = await (0, _sandbox.startWebhookReceiver)({
        host,
        port: firstPort + 1,
        journalFile: journal('webhooks'),
        secretOf: (0, _sandbox.institutionSecrets)(options.webhookKey)
    });
    const mail = await (0, _sandbox.startMailSink)({
        host,
        port: firstPort + 2,
        journalFile: journal('mail')
    });
    return {
        acquirerUrl: acquirer.url,
        webhookUrl: `${webhooks.url}/hooks`,
        smtpUrl: mail.url,
        stop: async ()=>void await Promise.all([
                acquirer.stop(),
                webhooks.stop(),
                mail.stop()
            ])
    };
};
//# sourceMappingURL=outside-world.js.map
