"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "Network", {
    enumerable: true,
    get: function() {
        return Network;
    }
});
/** A caller gives up after so long. */ const PATIENCE_MS = 2_500;
let Network = class Network {
    constructor(world){
        this.world = world;
    }
    /** Asks a process of a service. Rejects when nobody listens or when the one asked dies. */ async request(service, request) {
        const target = this.world.running(service);
        if (!target) throw refused();
        return new Promise((resolve, reject)=>{
            const forget = target.machine.onDeath(()=>reject(broken()));
            void target.instance.door.handle(request).then((reply)=>{
                if (!target.machine.alive) return;
                forget();
                resolve(reply);
            });
        });
    }
    /** What a machine uses as `fetch`. */ fetchOf(machine) {
        return async (input, init = {})=>{
            const url = new URL(String(input));
            const request = {
                method: init.method ?? 'GET',
                path: url.pathname + url.search,
                headers: init.headers ?? {},
                body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined
            };
            const what = `asks ${url.host} ${request.method} ${request.path}`;
            await machine.risky(what).catch(()=>Promise.reject(refused()));
            const reply = await this.answer(url.host, request);
            if (reply === 'silence') {
                await machine.sleep(PATIENCE_MS);
                throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
            }
            await machine.risky(`${what}: answer ${reply.status}`, 'answerLost').catch(()=>Promise.reject(broken()));
            const text = JSON.stringify(reply.body);
            return {
                status: reply.status,
                ok: reply.status < 300,
                text: async ()=>text,
                json: async ()=>JSON.parse(text),
                arrayBuffer: async ()=>new ArrayBuffer(0)
            };
        };
    }
    /** What a machine uses in the place of SMTP. */ async mail(machine, { messageId }) {
        await machine.risky('mails').catch(()=>Promise.reject(Object.assign(new Error('refused'), {
                syscall: 'connect'
            })));
        this.world.delivered.push({
            to: 'mail',
            noticeId: messageId
        });
        await machine.risky('mails: answer', 'answerLost');
    }
    answer(host, request) {
        if (host === 'acquirer') return Promise.resolve(this.world.acquirer.answer(request));
        if (host === 'webhooks') return Promise.resolve(this.webhook(request));
        return this.request(host, request);
    }
    webhook({ path, headers }) {
        this.world.delivered.push({
            to: path,
            noticeId: headers?.['caretab-notice-id'] ?? ''
        });
        return {
            status: 200,
            body: null
        };
    }
};
const failed = (code)=>new TypeError('fetch failed', {
        cause: {
            code
        }
    });
const refused = ()=>failed('ECONNREFUSED');
const broken = ()=>failed('ECONNRESET');
//# sourceMappingURL=network.js.map
