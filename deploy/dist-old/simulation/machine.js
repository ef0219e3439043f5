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
    get LineBroken () {
        return LineBroken;
    },
    get Machine () {
        return Machine;
    }
});
let LineBroken = class LineBroken extends Error {
    constructor(where){
        super(`the line broke: ${where}`), this.code = 'ECONNRESET';
        this.name = 'LineBroken';
    }
};
let Machine = class Machine {
    constructor(name, parts, skewMs = 0){
        this.name = name;
        this.parts = parts;
        this.isAlive = true;
        this.dying = [];
        const { scheduler } = parts;
        this.clock = {
            now: ()=>new Date(scheduler.now().getTime() + skewMs)
        };
    }
    get alive() {
        return this.isAlive;
    }
    onDeath(listener) {
        this.dying.push(listener);
        return ()=>void this.dying.splice(this.dying.indexOf(listener), 1);
    }
    /** kill -9: no goodbye. */ die() {
        if (!this.isAlive) return;
        this.isAlive = false;
        for (const listener of this.dying.splice(0))listener();
    }
    /** Time passes; the process may die of it. */ point(what) {
        return new Promise((resolve)=>{
            if (!this.isAlive) return;
            this.parts.scheduler.after(this.delayMs(what), `${this.name} ${what}`, ()=>{
                if (!this.isAlive) return;
                if (this.parts.faults.strikes('crash', `${this.name} ${what}`)) return this.die();
                resolve();
            });
        });
    }
    /** A point at which the line may also break. */ async risky(what, kind = 'broken') {
        await this.point(what);
        if (this.parts.faults.strikes(kind, `${this.name} ${what}`)) throw new LineBroken(what);
    }
    /** A call over a line: it may break on the way there or on the way back. */ async call(what, effect) {
        await this.risky(what);
        const result = await effect();
        await this.risky(`${what}: answer`, 'answerLost');
        return result;
    }
    sleep(durationMs, signal) {
        return new Promise((resolve)=>{
            if (!this.isAlive) return;
            void this.parts.scheduler.sleepAs(`${this.name} wakes`, durationMs, signal).then(()=>{
                if (this.isAlive) resolve();
            });
        });
    }
    delayMs(what) {
        const { random, faults } = this.parts;
        if (faults.strikes('stalled', `${this.name} ${what}`)) return random.integer(500, 9_000);
        const spread = random.next();
        return spread < 0.9 ? 0.1 + spread * 3 : 3 + random.next() * 40;
    }
};
//# sourceMappingURL=machine.js.map
