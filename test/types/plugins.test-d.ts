import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import {
  Instance,
  NativeRef,
  Plugin,
  run,
  runSync,
  WasmError,
  type Grants,
  type PluginFunction,
  type PluginGrants,
} from '../..';

const plugin = Plugin.load('./libgeo.so');
expectType<Plugin>(plugin);
Plugin.load(new URL('file:///libgeo.so'));
expectError(Plugin.load());
expectError(Plugin.load(new Uint8Array(1)));
expectType<string>(plugin.path);
expectType<string>(plugin.name);
expectType<string>(plugin.version);
expectType<readonly PluginFunction[]>(plugin.functions);
expectType<string>(plugin.functions[0]!.grant);
expectType<string>(plugin.functions[0]!.type);
expectType<string>(Plugin.include);
expectError((plugin.name = 'x'));

new Instance('a.wasm', { plugins: [plugin, './libgeo.so'], grants: { plugins: { geo: true, other: ['f'] } } });
new Instance('a.wasm', { plugins: [new URL('file:///libgeo.so')], grants: { wasi: true, plugins: { geo: false } } });
expectError(new Instance('a.wasm', { plugins: './libgeo.so' }));
expectError(new Instance('a.wasm', { plugins: [1] }));
expectAssignable<Grants>({ plugins: {} });
expectNotAssignable<Grants>({ plugins: ['geo'] });
expectNotAssignable<PluginGrants>({ geo: 'distance' });
run('a.wasm', { plugins: [plugin], pluginGrants: { geo: ['distance'] } });
runSync('a.wasm', { plugins: [plugin], pluginGrants: { geo: true } });
expectError(runSync('a.wasm', { pluginGrants: ['geo'] }));

declare const object: NativeRef;
expectType<string>(object.type);

declare const error: WasmError;
if (error.code === 'ERR_PLUGIN') {
  expectType<string | undefined>(error.plugin);
  expectType<string | undefined>(error.import);
  expectType<number | undefined>(error.status);
}
