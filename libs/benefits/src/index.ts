export * from './adjudicate';
export * from './catalogue';
export * from './classify';
export * from './plans';
export * from './settle';
export * from './translation';
