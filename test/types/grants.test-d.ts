import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import {
  Instance,
  Module,
  type AuditDecision,
  type CallLimits,
  type Grants,
  type InstanceOptions,
  type Limits,
  type ModuleOptions,
} from '../..';

const module = Module.load('a.wasm', {
  metering: true,
  interruptible: false,
  stackBytes: 65536,
  trapOnGrowFailure: true,
});
expectNotAssignable<ModuleOptions>({ metering: 1 });
expectNotAssignable<ModuleOptions>({ stackBytes: 65536n });

// Grants
new Instance(module, { grants: 'wasi' });
new Instance('a.wasm', { grants: { wasi: true }, metering: true });
expectError(new Instance(module, { grants: 'all' }));
expectError(new Instance(module, { grants: true }));
expectAssignable<Grants>({});
expectAssignable<Grants>({ args: ['a'], env: { A: '1', B: undefined } });
expectNotAssignable<Grants>({ args: 'a' });
expectNotAssignable<Grants>({ env: { A: 1 } });
expectAssignable<Grants>({
  fs: [
    { guest: '/a', host: 'a' },
    { guest: '/b', host: 'b', write: 'files' },
  ],
  preopens: { '/c': 'c' },
});
expectNotAssignable<Grants>({ fs: [{ guest: '/a' }] });
expectNotAssignable<Grants>({ fs: [{ guest: '/a', host: 'a', write: 'all' }] });
expectAssignable<Grants>({ stdin: 'some text', stdout: 'buffer', stderr: 2 });
expectAssignable<Grants>({ stdin: new Uint8Array(), stdout: (chunk) => void chunk.byteLength });
expectAssignable<Grants>({ stdin: (maxBytes) => (maxBytes > 5 ? 'text' : null) });
expectAssignable<Grants>({ stdout: { write: () => true, on: () => undefined } });
expectNotAssignable<Grants>({ stdout: 'file' });
expectNotAssignable<Grants>({ stdin: true });
expectAssignable<Grants>({ clock: 'real', random: 'secure' });
expectAssignable<Grants>({ clock: false, random: false });
expectAssignable<Grants>({ clock: { start: new Date(), stepNs: 5n }, random: { seed: 'a' } });
expectNotAssignable<Grants>({ clock: true });
expectNotAssignable<Grants>({ random: {} });

// Limits and who observes
expectAssignable<Limits>({
  memoryBytes: 1,
  tableElements: 1,
  instances: 1,
  stackBytes: 65536,
  trapOnGrowFailure: true,
});
expectAssignable<Limits>({ stdoutBytes: 1, stderrBytes: 1, timeoutMs: 0.5, fuel: 5n });
expectAssignable<CallLimits>({ timeoutMs: 5, fuel: 5 });
expectNotAssignable<CallLimits>({ memoryBytes: 5 });
expectNotAssignable<Limits>({ memoryBytes: 5n });
expectNotAssignable<Limits>({ fuel: '5' });
new Instance(module, { limits: { timeoutMs: 5 }, onAudit: (decision) => expectType<AuditDecision>(decision) });
expectNotAssignable<InstanceOptions>({ onAudit: 'f' });
