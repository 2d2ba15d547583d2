import { WebAssembly } from './index';

/** The namespace that is the global `WebAssembly` from now on. */
declare const installed: typeof WebAssembly;
export = installed;
