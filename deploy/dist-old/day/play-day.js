"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "playDay", {
    enumerable: true,
    get: function() {
        return playDay;
    }
});
const _nodepath = require("node:path");
const _contracts = require("@caretab/contracts");
const _checks = require("./checks");
const _facts = require("./facts");
const _feeds = require("./feeds");
const _page = require("./page");
const _progress = require("./progress");
const _samples = require("./samples");
const _setup = require("./setup");
const _quiet = require("./quiet");
const DONE = 1;
const DAY_MS = 24 * 60 * 60 * 1000;
/** The days (Asia/Shanghai) from the first start of the sample day until today, a week at most. */ const moneyDaysSince = (startedAtMs)=>{
    const days = new Set();
    for(let at = Math.max(startedAtMs, Date.now() - 7 * DAY_MS); at < Date.now(); at += DAY_MS)days.add((0, _contracts.businessDateOf)(new Date(at).toISOString()));
    return [
        ...days.add((0, _contracts.businessDateOf)(new Date().toISOString()))
    ];
};
const playDay = async (options)=>{
    const { api, services } = options;
    const samples = new _samples.Samples(options.samplesDir);
    const progress = new _progress.DayProgress((0, _nodepath.join)(options.dataDir, 'day', 'progress.json'));
    const institutions = samples.institutions();
    const expectations = samples.expectations();
    const { businessDate } = expectations;
    const quiet = (update = ()=>undefined)=>(0, _quiet.untilQuiet)(api, services, (left)=>update(`${left} left to do`));
    if (progress.of('startedAtMs') === 0) progress.save('startedAtMs', Date.now());
    if (progress.of('setup') !== DONE) {
        const citizens = samples.citizens();
        await options.step(`opening the service for ${citizens.length} citizens`, (update)=>new _setup.Setup(api, ()=>quiet(update)).run(institutions, citizens, options.webhookUrl, options.keyOf));
        progress.save('setup', DONE);
    }
    for (const phase of _samples.PHASES){
        await options.step(`playing the ${phase} of ${institutions.length} institutions`, async (update)=>{
            const sent = new Map();
            const feeds = new _feeds.Feeds(samples, options, progress, (feed, done, all)=>update([
                    ...sent.set(feed, `${feed.split('/')[1]} ${done}/${all}`).values()
                ].join(' · ')));
            await feeds.play(phase, institutions);
            await quiet(update);
        });
    }
    await options.step('clearing the day', async (update)=>{
        await api.post('/payment/clearings', {
            businessDate
        });
        await quiet(update);
    });
    return options.step('reading the page', async ()=>{
        const facts = await (0, _facts.gatherFacts)(api, services, businessDate, moneyDaysSince(progress.of('startedAtMs')), expectations.visits.map(({ visitId })=>visitId));
        const checks = (0, _checks.checkDay)(facts, expectations);
        const troubles = (0, _checks.checkTroubles)(facts, expectations);
        const [visitId, visit] = [
            ...facts.visits
        ].find(([, { status }])=>status === 'settled') ?? [
            ...facts.visits
        ][0] ?? [
            '',
            {}
        ];
        const personId = String(visit.personId);
        return {
            page: (0, _page.pageOf)(businessDate, facts, checks, troubles),
            urls: (0, _page.urlsOf)(options.url, {
                visitId,
                personId,
                institutionId: institutions[0].institutionId,
                businessDate
            }),
            surprises: (0, _checks.surprises)(facts, expectations),
            good: [
                ...checks,
                ...troubles
            ].every(({ holds })=>holds)
        };
    });
};
//# sourceMappingURL=play-day.js.map
