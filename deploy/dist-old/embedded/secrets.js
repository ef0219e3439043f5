"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "secretsOf", {
    enumerable: true,
    get: function() {
        return secretsOf;
    }
});
const _nodecrypto = require("node:crypto");
const _nodefs = require("node:fs");
const _nodepath = require("node:path");
const hex = ()=>(0, _nodecrypto.randomBytes)(32).toString('hex');
const base64 = ()=>(0, _nodecrypto.randomBytes)(32).toString('base64');
/** Each secret of the platform by the name of its environment variable, with how one is made. */ const SECRETS = {
    INTERNAL_TOKEN: hex,
    IDENTITY_MASTER_KEY: hex,
    GATEWAY_SEALING_KEY: base64,
    PAYMENT_TOKEN_KEY: hex,
    PAYMENT_ACQUIRER_SECRET: hex,
    NOTIFICATION_WEBHOOK_KEY: hex,
    SAMPLE_INSTITUTION_KEY: hex
};
const secretsOf = (path)=>{
    const known = (0, _nodefs.existsSync)(path) ? JSON.parse((0, _nodefs.readFileSync)(path, 'utf8')) : {};
    const secrets = Object.fromEntries(Object.entries(SECRETS).map(([name, make])=>[
            name,
            known[name] ?? make()
        ]));
    (0, _nodefs.mkdirSync)((0, _nodepath.dirname)(path), {
        recursive: true
    });
    (0, _nodefs.writeFileSync)(path, JSON.stringify(secrets, null, 2), {
        mode: 0o600
    });
    return secrets;
};
//# sourceMappingURL=secrets.js.map
