import { WebAssembly } from './webassembly';

/** The namespace, which is the global `WebAssembly` from now on. */
declare const installed: typeof WebAssembly;
export = installed;
