"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "Setup", {
    enumerable: true,
    get: function() {
        return Setup;
    }
});
const _api = require("./api");
const AT_ONCE = 12;
let Setup = class Setup {
    constructor(api, quiet){
        this.api = api;
        this.quiet = quiet;
        this.personIds = new Map();
    }
    async run(institutions, citizens, webhookUrl, keyOf) {
        for (const { institutionId, name, level } of institutions){
            await this.api.put(`/identity/institutions/${institutionId}`, {
                name,
                level,
                webhookUrl: `${webhookUrl}/${institutionId}`,
                apiKey: keyOf(institutionId)
            });
        }
        await (0, _api.each)(citizens, AT_ONCE, (citizen)=>this.register(citizen));
        await (0, _api.each)(citizens.filter((citizen)=>citizen.guardian), AT_ONCE, (child)=>this.api.put(`/identity/persons/${this.idOf(child.citizen)}/guardian`, {
                guardianId: this.idOf(child.guardian),
                relation: '5'
            }));
        await this.quiet();
        const opening = citizens.filter((citizen)=>citizen.openService);
        await (0, _api.each)(opening.filter((citizen)=>!citizen.guardian), AT_ONCE, (citizen)=>this.open(citizen));
        await (0, _api.each)(opening.filter((citizen)=>citizen.guardian), AT_ONCE, (child)=>this.open(child));
        await this.quiet();
    }
    idOf(citizen) {
        const personId = this.personIds.get(citizen);
        if (!personId) throw new Error(`samples/setup/citizens.json names ${citizen} but does not list it`);
        return personId;
    }
    async register(citizen) {
        const { name, idNumber, mobile, email, language, memberships, account, score } = citizen;
        const { personId } = await this.api.post('/identity/persons', {
            name,
            idNumber,
            mobile,
            email
        });
        this.personIds.set(citizen.citizen, personId);
        await this.api.put(`/adjudication/memberships/${personId}`, {
            memberships
        });
        await this.api.put(`/notification/preferences/${personId}`, {
            language,
            channels: [
                'email'
            ]
        });
        if (!citizen.guardian) await this.api.put(`/credit/persons/${personId}/score`, {
            score,
            scoredAt: '2026-03-01T00:00:00Z'
        });
        if (account) await this.api.put(`/payment/accounts/${personId}`, account);
    }
    async open(citizen) {
        const personId = this.idOf(citizen.citizen);
        await this.api.post('/credit/enrolments', {
            personId
        });
        if (citizen.freeze) await this.api.put(`/credit/accounts/${personId}/freeze`, {
            reason: citizen.freeze
        });
    }
};
//# sourceMappingURL=setup.js.map
