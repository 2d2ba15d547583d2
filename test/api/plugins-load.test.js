'use strict';

// Plugin.load: what it gives, and files that are no plugins.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { Plugin } = require('../..');
const { compile, fixturePlugin, pluginSource } = require('../fixtures/plugins');
const { childPrints, refuses, scratch } = require('../helpers');

const NOTHING = '.module = "m", .name = "f", .signature = "()", .callback = nothing';
let files = 0;

function file(content, name = 'plugin.so') {
  const dir = scratch(`plugin-files-${files++}`);
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, name), content);
  return path.join(dir, name);
}

const tiny = (rows, options, flags) => compile(`tiny-${files++}`, pluginSource(rows, options), flags);

/** Loads what has to fail; returns the message without the path and the code. */
function problem(source, code = 'ERR_PLUGIN_LOAD') {
  const error = refuses(() => Plugin.load(source), code);
  assert.equal(typeof error.path, 'string');
  return error.message.replace(/^plugin ".*?": /, '').replace(/ \(ERR_\w+\)$/, '');
}

describe('Plugin.load', () => {
  it('tells what there is', () => {
    const plugin = Plugin.load(
      tiny([
        NOTHING,
        '.module = "m", .name = "g", .signature = " ( i32 , bytes )->u32 ", .grant = "x.y", .native = (void (*)(void))nothing',
      ]),
    );
    assert.equal(plugin.name, 'tiny');
    assert.equal(plugin.version, '1');
    assert.deepEqual(plugin.functions, [
      { module: 'm', name: 'f', signature: '() -> ()', type: '() -> ()', grant: 'f' },
      { module: 'm', name: 'g', signature: '(i32, bytes) -> u32', type: '(i32, i32, i32) -> i32', grant: 'x.y' },
    ]);
    assert.ok(Object.isFrozen(plugin.functions) && Object.isFrozen(plugin.functions[0]));
  });

  it('loads a file once, by whatever name', () => {
    const source = fixturePlugin('kit');
    const plugin = Plugin.load(source);
    assert.equal(plugin.path, fs.realpathSync(source));
    const link = path.join(path.dirname(source), 'link.so');
    fs.symlinkSync(source, link);
    assert.equal(Plugin.load(link), plugin);
    assert.equal(Plugin.load(path.relative(process.cwd(), source)), plugin);
    assert.equal(Plugin.load(pathToFileURL(source)), plugin);
    assert.equal(Plugin.load(pathToFileURL(source).href), plugin);
  });

  it('the header is where Plugin.include says, and needs no other', () => {
    const header = path.join(Plugin.include, 'wasmgate_plugin.h');
    assert.equal(require.resolve('wasmgate/wasmgate_plugin.h'), header);
    const included = [...fs.readFileSync(header, 'utf8').matchAll(/^#include (.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(included, ['<stdbool.h>', '<stddef.h>', '<stdint.h>']);
  });

  it('the header is C11 and C++17', () => {
    const check = (compiler, flags, source) =>
      execFileSync(
        compiler,
        [...flags, '-Wall', '-Wextra', '-pedantic', '-Werror', '-fsyntax-only', `-I${Plugin.include}`, '-'],
        { input: source },
      );
    const source = `#include <wasmgate_plugin.h>
WASMGATE_PLUGIN(host, registry) { return host->describe(registry, "x", "1"); }`;
    check('cc', ['-x', 'c', '-std=c11'], source);
    check('c++', ['-x', 'c++', '-std=c++17'], source);
  });

  it('refuses what is no path', () => {
    for (const source of [undefined, null, 1, {}, [], Buffer.from('x'), Symbol('x')]) {
      refuses(() => Plugin.load(source), 'ERR_SOURCE_TYPE');
    }
    refuses(() => Plugin.load('file://elsewhere/x.so'), 'ERR_SOURCE_TYPE');
    refuses(() => Plugin.load(new URL('https://example.com/x.so')), 'ERR_SOURCE_TYPE');
    assert.match(problem(''), /is no path/);
    assert.match(problem('a\0b'), /is no path/);
    assert.throws(() => new Plugin(), TypeError);
  });
});

describe('Plugin.load: files', () => {
  it('that are not there, or no files', () => {
    assert.match(problem('./nowhere.so'), /no such file or directory/);
    assert.match(problem(scratch()), /is no file/);
    assert.match(problem('/dev/null'), /is no file/);
    assert.match(problem('libz.so.1'), /no such file/); // a path, not a name that is searched for
  });

  it('that are no libraries', () => {
    assert.match(problem(file('#include <stdio.h>\n')), /is no shared library: it begins with "#include <stdio/);
    assert.match(problem(file('')), /is no shared library/);
    assert.match(problem(file('\x7fELF')), /is truncated/);
    assert.match(problem(file(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))), /is no shared library/);
    assert.match(problem(process.execPath), /is no shared library, but of type ET_EXEC|is no plugin of wasmgate/);
  });

  const good = () => fs.readFileSync(fixturePlugin('kit'));
  const changed = (change) => {
    const bytes = Buffer.from(good());
    change(bytes);
    return file(bytes);
  };

  it('for other machines', () => {
    assert.match(problem(changed((bytes) => (bytes[4] = 1))), /is a 32-bit library, and this is a 64-bit process/);
    assert.match(
      problem(changed((bytes) => bytes.writeUInt16LE(process.arch === 'x64' ? 183 : 62, 18))),
      /is a library for another processor: EM_(AARCH64|X86_64), and this is EM_(X86_64|AARCH64)/,
    );
    assert.match(problem(changed((bytes) => bytes.writeUInt16LE(1, 16))), /is no shared library, but of type ET_REL/);
  });

  it('that are damaged', () => {
    for (const keep of [17, 40, 63, 64, 100, 1000, 5000]) {
      assert.match(problem(file(good().subarray(0, keep))), /is (truncated|damaged)/, `${keep} bytes`);
    }
    problem(changed((bytes) => bytes.fill(0xff, 32, 64)));
    problem(changed((bytes) => bytes.fill(0, 64, 600)));
  });

  it('that are no plugins: nothing of them runs', () => {
    const mark = scratch('constructor-ran');
    const source = `#include <stdio.h>
__attribute__((constructor)) static void run(void) { fclose(fopen("${mark}", "w")); }
int wasmgate_plugin_x;
`;
    assert.match(problem(compile('no-plugin', source)), /is no plugin of wasmgate: it exports no wasmgate_plugin \(/);
    const half = `${source}\nint wasmgate_plugin(void); int wasmgate_plugin(void) { return 0; }\n`;
    assert.match(problem(compile('half-plugin', half)), /it exports no wasmgate_plugin_abi/);
    assert.ok(!fs.existsSync(mark));
  });

  it('that need what is not there', () => {
    const source = pluginSource([NOTHING], {
      before: 'extern int from_nowhere(void); int use(void); int use(void) { return from_nowhere(); }',
    });
    assert.match(problem(compile('undefined-symbol', source)), /undefined symbol: from_nowhere/);
  });
});

describe('Plugin.load: entries', () => {
  it('built for another version of the interface', () => {
    for (const abi of [0, 2, 4294967295]) {
      const source = tiny([NOTHING], { abi, before: 'int called; ' });
      assert.match(
        problem(source, 'ERR_PLUGIN_ABI'),
        new RegExp(`is built for version ${abi} of the interface, this is version 1`),
      );
    }
  });

  const entry = (body, before = '') =>
    compile(
      `entry-${files++}`,
      `#include <wasmgate_plugin.h>
${before}
static int nothing(wasmgate_ctx *ctx, const wasmgate_value *a, wasmgate_value *r) { (void)ctx, (void)a, (void)r; return 0; }
WASMGATE_PLUGIN(host, registry) { (void)host, (void)registry, (void)nothing; ${body} }`,
    );
  const DESCRIBE = 'host->describe(registry, "x", "1");';
  const DEFINE = `const wasmgate_function f = {.size = sizeof f, ${NOTHING}}; host->define(registry, &f);`;

  it('that fail, with or without a reason', () => {
    assert.match(problem(entry('return host->refuse(registry, "no licence");')), /refused to be loaded: no licence$/);
    assert.match(problem(entry(`${DESCRIBE} ${DEFINE} return 3;`)), /its wasmgate_plugin failed with status 3$/);
    assert.match(
      problem(entry(`host->refuse(registry, "a"); ${DESCRIBE} ${DEFINE} return 0;`)),
      /refused to be loaded: a$/,
    );
  });

  it('that do not say what they are', () => {
    assert.match(problem(entry('return 0;')), /does not call describe/);
    assert.match(problem(entry(`${DEFINE} return 0;`)), /does not call describe/);
    assert.match(problem(entry(`${DESCRIBE} return 0;`)), /defines no function/);
    assert.match(problem(entry(`${DESCRIBE} ${DESCRIBE} ${DEFINE} return 0;`)), /describes itself twice/);
    for (const name of ['', 'Geo', '1', 'a.b', 'a b', 'x'.repeat(65)]) {
      assert.match(
        problem(entry(`host->describe(registry, "${name}", "1"); ${DEFINE} return 0;`)),
        /describes itself as/,
      );
    }
    assert.match(problem(entry(`host->describe(registry, "x", "a\\nb"); ${DEFINE} return 0;`)), /the version/);
  });

  it('whose functions are wrong', () => {
    const wrong = (row, pattern) => assert.match(problem(tiny([row])), pattern, row);
    const row = ({ module = '"m"', name = '"f"', signature = '"()"', rest = '.callback = nothing' }) =>
      `.module = ${module}, .name = ${name}, .signature = ${signature}, ${rest}`;
    wrong(row({ module: '0' }), /without module, name or signature/);
    wrong(row({ name: '0' }), /without module, name or signature/);
    wrong(row({ signature: '0' }), /without module, name or signature/);
    wrong(row({ name: '""' }), /the name "": expected 1 to 256 bytes/);
    wrong(row({ name: '"a\\nb"' }), /the name/);
    wrong(row({ module: '"\\xff"' }), /the module/);
    wrong(row({ rest: '.callback = nothing, .grant = "\\"x"' }), /the grant/);
    wrong(row({ rest: '.user = 0' }), /m\.f: needs a callback or a plain function, one of the two/);
    wrong(row({ rest: '.callback = nothing, .native = (void (*)(void))nothing' }), /one of the two/);
    wrong(row({ module: '"wasi_snapshot_preview1"' }), /are wasmgate's own/);
    wrong(row({ module: '"__wbindgen_placeholder__"' }), /are wasmgate's own/);
    for (const text of [
      '',
      'i32',
      '(',
      '(i32',
      '(i31)',
      '(i32 i32)',
      '() ->',
      '() -> i32 i32',
      '(v128)',
      '(externref) -> string',
      '()()',
    ]) {
      wrong(row({ signature: `"${text}"` }), /m\.f: the signature/);
    }
    wrong(row({ signature: '"(bytes)"' }), /bytes is for plain functions/);
    wrong(row({ signature: `"(${new Array(33).fill('i32')})"` }), /at most 32 parameters/);
    wrong(row({ signature: `"() -> (${new Array(17).fill('i32')})"` }), /at most 16 results/);
    assert.match(problem(tiny([NOTHING, NOTHING])), /defines m\.f twice/);
  });

  it('whose plain functions are wrong', () => {
    const wrong = (signature, pattern) =>
      assert.match(
        problem(tiny([`.module = "m", .name = "f", .signature = "${signature}", .native = (void (*)(void))nothing`])),
        pattern,
        signature,
      );
    wrong('(i32, i32, i32, i32, i32, i32, i32)', /at most 6 integers and pointers, not 7/);
    wrong('(bytes, bytes, bytes, cstring)', /not 7/);
    wrong(`(${new Array(9).fill('f64')})`, /at most 8 floating-point numbers, not 9/);
    wrong('() -> (i32, i32)', /at most 1 result/);
    wrong('() -> cstring', /cannot return cstring/);
    wrong('() -> externref', /cannot return externref/);
    wrong('(externref)', /cannot take externref/);
    wrong('(funcref)', /cannot take funcref/);
  });

  it('of another size of struct, or with too many functions', () => {
    assert.match(
      problem(entry(`${DESCRIBE} wasmgate_function f = {.size = 8}; host->define(registry, &f); return 0;`)),
      /wrong size: set wasmgate_function\.size/,
    );
    assert.match(problem(entry(`${DESCRIBE} host->define(registry, 0); return 0;`)), /wrong size/);
    assert.match(
      problem(
        entry(
          `${DESCRIBE} const wasmgate_function f = {.size = sizeof f, ${NOTHING}}; for (int i = 0; i < 5000; i++) host->define(registry, &f); return 0;`,
        ),
      ),
      /too many functions/,
    );
  });

  it('a registry is of no use afterwards', () => {
    const source = `static wasmgate_registry *kept; static const wasmgate_host *kept_host;
static int late(wasmgate_ctx *ctx, const wasmgate_value *a, wasmgate_value *r) { (void)ctx, (void)a; r[0].i32 = kept_host->describe(kept, "y", "2") + 10 * kept_host->refuse(kept, "z"); return 0; }`;
    const library = entry(
      `kept = registry; kept_host = host; ${DESCRIBE} const wasmgate_function f = {.size = sizeof f, .module = "m", .name = "late", .signature = "() -> i32", .callback = late}; return host->define(registry, &f);`,
      source,
    );
    const { Instance } = require('../..');
    const instance = new Instance(
      Buffer.from('(module (import "m" "late" (func $f (result i32))) (export "f" (func $f)))'),
      { plugins: [library], grants: { plugins: { x: true } } },
    );
    assert.equal(instance.exports.f(), 44); // WASMGATE_STALE
    instance.close();
  });

  it('what failed may be tried again', async () => {
    const library = entry(
      `extern char *getenv(const char *); if (getenv("READY") == 0) return host->refuse(registry, "not yet"); ${DESCRIBE} ${DEFINE} return 0;`,
    );
    await childPrints(
      `const [path] = ${JSON.stringify([library])};
       try { wg.Plugin.load(path); } catch (error) { console.log(error.code); }
       process.env.READY = '1';
       console.log(wg.Plugin.load(path).name);`,
      'ERR_PLUGIN_LOAD\nx\n',
    );
  });
});
