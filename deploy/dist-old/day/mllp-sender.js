"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "MllpSender", {
    enumerable: true,
    get: function() {
        return MllpSender;
    }
});
const _nodenet = require("node:net");
const START = 0x0b;
const END = Buffer.from([
    0x1c,
    0x0d
]);
const ANSWER_DEADLINE_MS = 30_000;
let MllpSender = class MllpSender {
    constructor(socket){
        this.socket = socket;
    }
    static async connect(host, port) {
        const socket = (0, _nodenet.connect)({
            host,
            port
        });
        await new Promise((resolve, reject)=>{
            socket.once('connect', resolve);
            socket.once('error', reject);
        });
        return new MllpSender(socket);
    }
    /** The acknowledgement code of the answer (AA, AE, AR). Throws when the connection ends or no answer comes in time. */ async send(message) {
        const answer = this.receive();
        this.socket.write(Buffer.concat([
            Buffer.from([
                START
            ]),
            message,
            END
        ]));
        const code = /(?:^|\r)MSA\|([A-Z]{2})/.exec((await answer).toString('utf8'))?.[1];
        if (!code) throw new Error('the answer has no MSA segment');
        return code;
    }
    close() {
        this.socket.destroy();
    }
    receive() {
        return new Promise((resolve, reject)=>{
            const chunks = [];
            const finish = (error)=>{
                clearTimeout(timer);
                this.socket.off('data', data).off('error', finish).off('close', closed);
                if (error) reject(error);
                else resolve(Buffer.concat(chunks));
            };
            const data = (chunk)=>{
                chunks.push(chunk);
                if (Buffer.concat(chunks).includes(END)) finish();
            };
            const closed = ()=>finish(new Error('the gateway closed the connection'));
            const timer = setTimeout(()=>finish(new Error('no answer in time')), ANSWER_DEADLINE_MS);
            this.socket.on('data', data).on('error', finish).on('close', closed);
        });
    }
};
//# sourceMappingURL=mllp-sender.js.map
