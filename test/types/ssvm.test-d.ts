import { expectError, expectType } from 'tsd';
import * as wasmgate from '../..';
import { VM, type VMOptions, type VMStatistics } from '../../js/ssvm';

expectType<typeof VM>(wasmgate.VM);

const vm = new VM('pkg/hello_bg.wasm', { args: ['a', 1, new Uint8Array()], env: { A: 'a', B: undefined } });
expectType<number>(vm.Start());
expectType<void>(vm.Run('f', 1, 1n, 'x', new Uint8Array()));
expectType<number>(vm.RunInt('f'));
expectType<number>(vm.RunUInt('f'));
expectType<number>(vm.RunInt64('f'));
expectType<number>(vm.RunUInt64('f'));
expectType<string>(vm.RunString('f'));
expectType<Uint8Array>(vm.RunUint8Array('f'));
expectType<VMStatistics>(vm.GetStatistics());
expectType<number | undefined>(vm.GetStatistics().InstructionCount);

expectType<number>(new VM('a.wasm').RunInt64('f'));
expectType<bigint>(new VM('a.wasm', { bigint: true }).RunInt64('f'));
expectType<bigint>(new VM('a.wasm', { bigint: true, args: [] }).RunUInt64('f'));
expectType<number>(new VM('a.wasm', { bigint: true }).RunInt('f'));
expectType<number>(new VM('a.wasm', { bigint: false }).RunInt64('f'));
declare const options: VMOptions;
expectType<number | bigint>(new VM(new Uint8Array(), options).RunInt64('f'));

new VM('a.wasm', { preopens: { '/': '.' }, EnableWasiStartFunction: true });
new VM('a.wasm', { EnableAOT: true, EnableMeasurement: true, AllowCommands: ['ls'], AllowAllCommands: false });

expectError(new VM());
expectError(new VM(1));
expectError(new VM(new Uint16Array(1)));
expectError(new VM('a.wasm', { args: 'x' }));
expectError(new VM('a.wasm', { env: { A: 1 } }));
expectError(new VM('a.wasm', { preopens: ['/'] }));
expectError(vm.RunInt(1));
expectError(vm.RunInt('f', true));
expectError(vm.RunInt('f', {}));
expectError(vm.Compile('a.so'));
