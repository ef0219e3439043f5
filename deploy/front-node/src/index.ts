export { type FrontNode, startFrontNode } from './front-node';
export { type FrontNodeOptions, optionsOf } from './options';
