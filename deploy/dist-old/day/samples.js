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
    get PHASES () {
        return PHASES;
    },
    get Samples () {
        return Samples;
    }
});
const _nodefs = require("node:fs");
const _nodepath = require("node:path");
const PHASES = [
    'day',
    'evening'
];
let Samples = class Samples {
    constructor(root){
        this.root = root;
    }
    institutions() {
        return this.json('setup/institutions.json');
    }
    citizens() {
        return this.json('setup/citizens.json');
    }
    expectations() {
        return this.json('expectations.json');
    }
    /** A hospital's HL7 messages of a phase, as bytes with carriage returns, in the order of file names. Messages in a file are parted by an empty line. */ hl7(phase, institutionId) {
        return this.files(phase, institutionId, '.hl7').flatMap((path)=>{
            const text = (0, _nodefs.readFileSync)(path).toString('latin1').replace(/\r\n?/g, '\n');
            return text.split(/\n{2,}/).filter((message)=>message.trim() !== '').map((message)=>Buffer.from(message.trimEnd().replace(/\n/g, '\r'), 'latin1'));
        });
    }
    /** The lines of a feed's JSONL files in the order of file names. */ lines(phase, folder) {
        return this.files(phase, folder, '.jsonl').flatMap((path)=>(0, _nodefs.readFileSync)(path, 'utf8').split('\n').filter((line)=>line.trim() !== '').map((line)=>JSON.parse(line)));
    }
    files(phase, folder, suffix) {
        const path = (0, _nodepath.join)(this.root, phase, folder);
        return (0, _nodefs.existsSync)(path) ? (0, _nodefs.readdirSync)(path).filter((name)=>name.endsWith(suffix)).sort().map((name)=>(0, _nodepath.join)(path, name)) : [];
    }
    json(path) {
        return JSON.parse((0, _nodefs.readFileSync)((0, _nodepath.join)(this.root, path), 'utf8'));
    }
};
//# sourceMappingURL=samples.js.map
