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
    get CALM () {
        return CALM;
    },
    get Faults () {
        return Faults;
    }
});
const _testing = require("@caretab/testing");
const CALM = {
    crash: 0,
    broken: 0,
    answerLost: 0,
    sessionLost: 0,
    stalled: 0
};
let Faults = class Faults {
    constructor(seed, isAllowed, tell){
        this.isAllowed = isAllowed;
        this.tell = tell;
        this.happened = [];
        this.count = 0;
        this.weather = CALM;
        this.random = (0, _testing.seededRandom)(seed);
    }
    set(weather) {
        this.weather = weather;
    }
    strikes(kind, where) {
        const chance = this.weather[kind];
        if (chance === 0 || this.random.next() >= chance) return false;
        const number = this.count += 1;
        if (!this.isAllowed(number)) return false;
        this.happened.push({
            number,
            kind,
            where
        });
        this.tell(`fault ${number}: ${kind} at ${where}`);
        return true;
    }
};
//# sourceMappingURL=faults.js.map
