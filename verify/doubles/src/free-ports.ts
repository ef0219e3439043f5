/** Free ports for what a test starts. */
export { freePort, freePorts } from '@caretab/engines';
