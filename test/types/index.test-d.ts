import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import wasmgate = require('../..');
import {
  Instance,
  Module,
  VM,
  WasmError,
  hostFn,
  inspect,
  type Caller,
  type CallerMemory,
  type ErrorCode,
  type ExportDescriptor,
  type FunctionType,
  type GlobalType,
  type GrantName,
  type ImportDescriptor,
  type Memory,
  type MemoryType,
  type ModuleDescription,
  type ModuleOptions,
  type RawValue,
  type TableType,
  type TrapName,
  type WasmgateError,
} from '../..';

expectType<typeof Module>(wasmgate.Module);

// Module
const bytes = new Uint8Array();
const module = Module.load('a.wasm');
expectType<Module>(module);
expectType<Module>(Module.load(bytes));
expectType<Module>(Module.load({ href: 'file:///a', protocol: 'file:', pathname: '/a' }));
expectType<Module>(Module.load('a.wasm', { maxModuleBytes: 1, signatures: { f: '()' }, sidecar: false }));
expectType<Module>(Module.load('a.wasm', { maxModuleBytes: undefined, signatures: undefined, sidecar: undefined }));
expectType<Promise<Module>>(Module.loadAsync('a.wasm', {}));
expectType<readonly ExportDescriptor[]>(module.exports);
expectType<readonly ImportDescriptor[]>(module.imports);
expectType<boolean>(module.closed);
expectType<void>(module.close());
expectType<void>(module[Symbol.dispose]());
expectNotAssignable<new () => unknown>(Module);
expectError(Module.load());
expectError(Module.load(1));
expectError(Module.load('a.wasm', { maxBytes: 1 }));
expectError(Module.load('a.wasm', { sidecar: 1 }));
expectError(Module.load('a.wasm', { signatures: { f: 1 } }));
expectError((module.closed = true));
expectError(module.exports.push());
expectAssignable<ModuleOptions>({ maxModuleBytes: 1 });
expectNotAssignable<ModuleOptions>({ maxModuleBytes: '1' });

// Descriptions
const description = inspect(module);
expectType<ModuleDescription>(description);
expectType<ModuleDescription>(inspect('a.wasm', { sidecar: false }));
expectType<'wasm' | 'wasm-bindgen' | 'wasmgate'>(description.kind);
expectType<boolean>(description.needs.wasi);
expectType<readonly GrantName[]>(description.needs.grants);
expectType<readonly string[]>(description.needs.missing);
expectType<Readonly<Record<string, string>>>(description.producers);
for (const entry of description.exports) {
  expectType<string>(entry.name);
  expectType<string | undefined>(entry.signature);
  expectType<string | undefined>(entry.unsupported);
  expectType<true | undefined>(entry.internal);
  if (entry.kind === 'function') expectType<FunctionType>(entry.type);
  if (entry.kind === 'memory') expectType<MemoryType>(entry.type);
  if (entry.kind === 'table') expectType<TableType>(entry.type);
  if (entry.kind === 'global') expectType<GlobalType>(entry.type);
  if (entry.kind === 'tag') expectType<FunctionType>(entry.type);
}
for (const entry of description.imports) {
  expectType<string>(entry.module);
  expectError(entry.signature);
}

// Instance
interface Greeter {
  say(name: string): string;
  lcm(a: bigint, b: bigint): bigint;
}
const guest = new Instance<Greeter>(module);
expectType<string>(guest.exports.say('x'));
expectType<bigint>(guest.exports.lcm(1n, 2n));
expectType<string>(guest.call('say', 'x'));
expectType<bigint>(guest.call('lcm', 1n, 2n));
expectError(guest.exports.say(1));
expectError(guest.exports.sya('x'));
expectError(guest.call('sya', 'x'));
expectError(guest.call('say', 1));
expectError((guest.exports.say = () => ''));
expectError(new Instance<number>(module));
expectError(new Instance<{ value: number }>(module).call('value'));
expectType<string>(new Instance<{ say(name: string): string }>(module).exports.say('x'));

const any = new Instance('a.wasm', { sidecar: false });
expectType<any>(any.exports.f(1, 'x', 1n, bytes, undefined, null, true));
expectType<any>(any.call('f', 1));
expectType<any>(any.exports.f({}, Symbol('s'))); // externrefs
expectError(new Instance(module, { sidecar: false }));
new Instance(module, { imports: { log: (text: string) => text } });
new Instance(module, { imports: 'js-sys' });
new Instance('a.wasm', { imports: [{}, 'web-sys'], sidecar: false });
expectError(new Instance(module, { imports: 'everything' }));
expectError(new Instance(module, { imports: 5 }));
expectError(new Instance());
expectType<any>(guest.raw.f(1, 1n, bytes, {}, guest.raw.f, null));
expectAssignable<RawValue>(guest.raw.f);
expectType<Memory>(guest.memory);
expectType<number>(guest.memory.byteLength);
expectType<Uint8Array>(guest.memory.read(0, 1));
expectType<void>(guest.memory.write(0, bytes));
expectType<void>(guest.memory.write(0, new Float64Array(1)));
expectType<void>(guest.memory.write(0, new ArrayBuffer(1)));
expectError(guest.memory.write(0, 'x'));
expectError(guest.memory.read(0));
expectType<'open' | 'calling' | 'poisoned' | 'closed'>(guest.state);
expectType<Module>(guest.module);
expectType<void>(guest.close());
expectType<void>(guest[Symbol.dispose]());

// Errors
const error = new WasmError('message', { code: 'ERR_TRAP', trap: 'unreachable' });
expectAssignable<Error>(error);
expectType<ErrorCode>(error.code);
expectType<TrapName | undefined>(error.trap);
expectType<string | undefined>(error.wasmStack);
expectType<number | undefined>(error.exitCode);
expectType<unknown>(error.value);
expectType<unknown>(error.cause);
expectType<string[] | undefined>(error.imports);
expectNotAssignable<ErrorCode>('ERR_TYPO');
expectError(new WasmError('message', { code: 'ERR_TYPO' }));
declare const coded: WasmgateError;
expectType<ErrorCode>(coded.code);
if (coded instanceof RangeError) expectType<number | undefined>(coded.argument);

// VM, the details of which are in ssvm.test-d.ts
expectType<string>(new VM('a.wasm').RunString('f'));

// Host functions
expectType<(text: string) => number>(hostFn('(string) -> i32', (text: string) => text.length));
expectType<(caller: Caller, at: number) => void>(
  hostFn(
    '(i32)',
    (caller, at: number) => {
      expectType<Caller>(caller);
      expectType<CallerMemory>(caller.memory);
      expectType<Uint8Array>(caller.memory.view(at, 1));
      expectType<Instance>(caller.instance);
    },
    { caller: true },
  ),
);
new Instance(module, { imports: { env: { log: hostFn('(string)', (text: string) => void text), now: () => 1n } } });
expectError(hostFn(() => 1));
expectError(hostFn('()'));
expectError(hostFn('()', 5));
expectError(hostFn('()', () => 1, { calller: true }));
expectError(hostFn('()', () => 1, { caller: 1 }));
