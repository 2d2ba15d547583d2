import wasmgate from './index.js';

export const { Module, Instance, VM, inspect, run, runSync, WasmError, WebAssembly, createWebAssembly } = wasmgate;
export default wasmgate;
