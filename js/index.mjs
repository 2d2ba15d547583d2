import wasmgate from './index.js';

export const { Module, Instance, Plugin, NativeRef, VM, hostFn, inspect, run, runSync, WasmError } = wasmgate;
export const { WebAssembly, createWebAssembly } = wasmgate;
export default wasmgate;
