import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import {
  Instance,
  Module,
  run,
  runSync,
  type BufferLike,
  type InstanceStats,
  type ModuleOptions,
  type Receipt,
  type RunOptions,
  type RunResult,
} from '../..';

const module = Module.load('a.wasm', { metering: { costs: { division: 20 } } });
expectNotAssignable<ModuleOptions>({ metering: { costs: { divisions: 1 } } });

// Programs
expectType<Promise<RunResult>>(run(module));
expectType<Promise<RunResult<string>>>(run('a.wasm', { encoding: 'utf8', maxModuleBytes: 5 }));
expectType<RunResult>(runSync(new Uint8Array(), { args: ['x'], limits: { timeoutMs: 5 } }));
expectType<RunResult<string>>(runSync(module, { encoding: 'utf-8' }));
const result = runSync(module);
expectType<number>(result.exitCode);
expectType<BufferLike>(result.stdout);
expectAssignable<Uint8Array>(result.stderr);
expectType<string>(result.stdout.toString('utf8'));
expectType<InstanceStats>(result.stats);
expectType<Receipt | undefined>(result.receipt);
expectAssignable<RunOptions>({ signal: new AbortController().signal, stdin: 'text', stdout: (chunk) => chunk.length });
expectNotAssignable<RunOptions>({ encoding: 'latin1' });
expectNotAssignable<RunOptions>({ grants: 'wasi' });
expectError(run());

// Instances
const guest = new Instance<{ f(n: number): string }>(module, { onMeter: (stats) => stats.instructions });
expectType<bigint>(guest.id);
expectType<InstanceStats>(guest.stats);
expectType<Receipt | undefined>(guest.receipt);
expectType<string>(guest.with({ timeoutMs: 5 }).exports.f(1));
expectType<string>(guest.with({ fuel: 5n }).call('f', 1));
expectType<number>(guest.with({}, () => 5));
expectError(guest.with({ timeoutMs: '5' }));
expectType<Instance<{ f(n: number): string }>>(guest.reset());
expectType<boolean>(Instance.stop(guest.id));
expectType<InstanceStats | undefined>(Instance.stats(1n));
expectError(Instance.stop(1));
expectType<{ stdout: BufferLike; stderr: BufferLike }>(guest.takeOutput());
new Instance(module, { onMeter: { everyMs: 5, call: () => {} } });
expectError(new Instance(module, { onMeter: { everyMs: 5 } }));
