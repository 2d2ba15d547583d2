import wasmgate from './index.js';

export const { Module, Instance, Plugin, NativeRef, VM, hostFn, inspect, run, runSync, WasmError } = wasmgate;
export default wasmgate;
