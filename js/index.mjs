import wasmgate from './index.js';

export const { Module, Instance, VM, inspect, run, runSync, WasmError } = wasmgate;
export default wasmgate;
