"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "Feeds", {
    enumerable: true,
    get: function() {
        return Feeds;
    }
});
const _contracts = require("@caretab/contracts");
const _api = require("./api");
const _mllpsender = require("./mllp-sender");
const REFUSALS = [
    400,
    403,
    404,
    409,
    422
];
let Feeds = class Feeds {
    constructor(samples, doors, progress, progressed){
        this.samples = samples;
        this.doors = doors;
        this.progress = progress;
        this.progressed = progressed;
    }
    async play(phase, institutions) {
        const play = {
            hl7: this.hl7,
            http: this.http,
            events: this.events
        };
        await Promise.all([
            ...institutions.map((institution)=>play[institution.door].call(this, phase, institution.institutionId)),
            this.citizens(phase)
        ]);
    }
    async hl7(phase, institutionId) {
        const messages = this.samples.hl7(phase, institutionId);
        const sender = await _mllpsender.MllpSender.connect(this.doors.mllp.host, this.doors.mllp.port);
        try {
            await this.inOrder(`${phase}/${institutionId}`, messages, (message)=>sender.send(message));
        } finally{
            sender.close();
        }
    }
    async http(phase, institutionId) {
        const lines = this.samples.lines(phase, institutionId);
        await this.inOrder(`${phase}/${institutionId}`, lines, async ({ path, idempotencyKey, body })=>{
            try {
                await this.doors.api.post(path, body, {
                    authorization: `Bearer ${this.doors.keyOf(institutionId)}`,
                    'idempotency-key': idempotencyKey
                });
            } catch (error) {
                if (!(error instanceof _api.ApiError && REFUSALS.includes(error.status))) throw error;
            }
        });
    }
    async events(phase, institutionId) {
        const lines = this.samples.lines(phase, institutionId);
        await this.inOrder(`${phase}/${institutionId}`, lines, async ({ id, at, type, credential, data })=>{
            const person = credential && await this.doors.api.post('/v1/persons/resolve', credential, {
                authorization: `Bearer ${this.doors.keyOf(institutionId)}`
            });
            const headers = {
                ce_specversion: '1.0',
                ce_id: id,
                ce_type: type,
                ce_source: `hospital/${institutionId}`,
                ce_time: new Date(at).toISOString(),
                'content-type': 'application/json'
            };
            await this.doors.bus.send(_contracts.hospitalVisitEvents.name, [
                {
                    key: data.visitId,
                    headers,
                    value: JSON.stringify({
                        ...data,
                        ...person && {
                            personId: person.personId
                        }
                    })
                }
            ]);
        });
    }
    async citizens(phase) {
        const lines = this.samples.lines(phase, 'citizens');
        await this.inOrder(`${phase}/citizens`, lines, ({ visitId, channel, token })=>this.doors.api.post(`/payment/visits/${visitId}/pay`, {
                channel,
                token
            }));
    }
    async inOrder(feed, items, send) {
        for(let index = this.progress.of(feed); index < items.length; index += 1){
            await send(items[index]);
            this.progress.note(feed, index + 1);
            this.progressed(feed, index + 1, items.length);
        }
        if (items.length > 0) this.progress.save(feed, items.length);
    }
};
//# sourceMappingURL=feeds.js.map
