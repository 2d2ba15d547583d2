import wasmgate from './index.js';

export const { Module, Instance, VM, inspect, WasmError } = wasmgate;
export default wasmgate;
