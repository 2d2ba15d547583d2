import { expectAssignable, expectError, expectType } from 'tsd';
import { WebAssembly, createWebAssembly, type ClosableWebAssembly, type NamespaceOptions } from '../..';
import installed = require('../../js/install');

const bytes = new Uint8Array();
const module = new WebAssembly.Module(bytes);
expectType<WebAssembly.Module>(module);
expectType<WebAssembly.Module>(
  new WebAssembly.Module(bytes.buffer, { builtins: ['js-string'], importedStringConstants: "'" }),
);
expectType<string>(WebAssembly.Module.imports(module)[0]!.module);
expectType<WebAssembly.ImportExportKind>(WebAssembly.Module.exports(module)[0]!.kind);
expectType<ArrayBuffer[]>(WebAssembly.Module.customSections(module, 'name'));
expectError(new WebAssembly.Module('text'));
expectError(WebAssembly.Module(bytes));

const instance = new WebAssembly.Instance(module, { env: { f: () => 1, g: 5n } });
expectType<any>(instance.exports['f']);
expectType<boolean>(WebAssembly.validate(bytes));
expectType<Promise<WebAssembly.Module>>(WebAssembly.compile(bytes));
expectType<Promise<WebAssembly.Instance>>(WebAssembly.instantiate(module));
expectType<Promise<WebAssembly.WebAssemblyInstantiatedSource>>(WebAssembly.instantiate(bytes, {}));

const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
expectType<ArrayBuffer>(memory.buffer);
expectAssignable<number>(memory.grow(1));
expectType<number | bigint>(memory.type().minimum);
expectError(new WebAssembly.Memory());

const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 }, null);
expectType<number>(table.length);
expectType<any>(table.get(0));
expectType<void>(table.set(0));
expectError(new WebAssembly.Table({ element: 'i32', initial: 1 }));

const global = new WebAssembly.Global({ value: 'i64', mutable: true }, 5n);
global.value = 6n;
expectType<{ value: string; mutable: boolean }>(global.type());

const tag = new WebAssembly.Tag({ parameters: ['i32'] });
const exception = new WebAssembly.Exception(tag, [1], { traceStack: true });
expectType<boolean>(exception.is(WebAssembly.JSTag));
expectType<string | undefined>(exception.stack);

const fn = new WebAssembly.Function({ parameters: ['i32'], results: [] }, (n: number) => n);
expectType<{ parameters: string[]; results: string[] }>(fn.type());

const error = new WebAssembly.RuntimeError('text', { cause: 1 });
expectAssignable<Error>(error);
expectType<string | undefined>(error.trap);

const created = createWebAssembly({ limits: { memoryBytes: 1, tableElements: 1, instances: 1, timeoutMs: 0.5 } });
expectType<ClosableWebAssembly>(created);
expectType<boolean>(created.closed);
expectType<void>(created.close());
expectType<void>(created[Symbol.dispose]());
expectAssignable<NamespaceOptions>({});
expectError(createWebAssembly({ limits: { fuel: 1 } }));
new created.Instance(module);

expectType<typeof WebAssembly>(installed);
