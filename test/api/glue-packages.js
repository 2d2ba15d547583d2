'use strict';

// Packages of npm whose code was written for the WebAssembly of V8, by wasm-bindgen unless it says otherwise, and what
// is done with each: a script that prints the same every time it runs.

const fixture = JSON.stringify(require.resolve('../fixtures/assemblyscript/text.mjs'));

module.exports = {
  'lz4-wasm-nodejs': `
    const lz4 = require('lz4-wasm-nodejs');
    const data = Buffer.from('hello '.repeat(10000));
    const packed = lz4.compress(data);
    console.log(packed.length, Buffer.from(lz4.decompress(packed)).equals(data));
    try { lz4.decompress(Uint8Array.of(1, 2, 3, 4, 5, 6)); } catch (error) { console.log('threw', error); }`,

  'blake3-wasm': `
    const { createHash, hash, keyedHash } = require('blake3-wasm');
    console.log(hash('foo').toString('hex'), keyedHash(Buffer.alloc(32, 7), 'x').toString('hex'));
    console.log(createHash().update('a'.repeat(100000)).update(Buffer.alloc(5)).digest('hex'));
    console.log(hash('y', { length: 1000 }).toString('base64'));`,

  'brotli-wasm': `
    const brotli = require('brotli-wasm');
    const zlib = require('node:zlib');
    const data = Buffer.from(Array.from({ length: 200000 }, (_, i) => (i * i) % 251 & 31));
    const packed = brotli.compress(data, { quality: 9 });
    console.log(packed.length, zlib.brotliDecompressSync(packed).equals(data));
    console.log(Buffer.from(brotli.decompress(zlib.brotliCompressSync(data))).equals(data));
    try { brotli.decompress(Buffer.from('nonsense')); } catch (error) { console.log('threw', String(error)); }
    const stream = new brotli.CompressStream(5);
    const { code, buf } = stream.compress(data, 1000);
    console.log(code, buf.length, stream.total_out());
    stream.free();`,

  'html-rewriter-wasm': `
    const { HTMLRewriter } = require('html-rewriter-wasm'); // runs asynchronous handlers by Binaryen's asyncify
    (async () => {
      let out = '';
      const rewriter = new HTMLRewriter((chunk) => { out += Buffer.from(chunk).toString(); });
      rewriter.on('a', {
        async element(element) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          element.setAttribute('href', element.getAttribute('href').replace('http:', 'https:'));
          element.append('<b>!</b>', { html: true });
        },
      });
      rewriter.on('p', { text(chunk) { if (chunk.text.includes('x')) chunk.replace(chunk.text.toUpperCase()); } });
      await rewriter.write(Buffer.from('<p>abcx</p><a href="http://x.y">z</a>'));
      await rewriter.end();
      rewriter.free();
      console.log(out);
    })();`,

  '@jsquash/oxipng': `
    const crypto = require('node:crypto');
    const fs = require('node:fs');
    const zlib = require('node:zlib');
    const crc = (bytes) => {
      let sum = ~0;
      for (const byte of bytes) {
        sum ^= byte;
        for (let k = 0; k < 8; k++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
      }
      return ~sum >>> 0;
    };
    const word = (number) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(number); return bytes; };
    const chunk = (type, data) => {
      const body = Buffer.concat([Buffer.from(type), data]);
      return Buffer.concat([word(data.length), body, word(crc(body))]);
    };
    const header = Buffer.concat([word(64), word(64), Buffer.of(8, 2, 0, 0, 0)]);
    const pixels = Buffer.from(Array.from({ length: 64 * 193 }, (_, i) => (i % 193 === 0 ? 0 : (i * 7) & 255)));
    const parts = [chunk('IHDR', header), chunk('IDAT', zlib.deflateSync(pixels, { level: 1 })), chunk('IEND', Buffer.of())];
    const png = Buffer.concat([Buffer.of(137, 80, 78, 71, 13, 10, 26, 10), ...parts]);
    import('@jsquash/oxipng/codec/pkg/squoosh_oxipng.js').then(async ({ default: init, optimise }) => {
      const wasm = fs.readFileSync(require.resolve('@jsquash/oxipng/codec/pkg/squoosh_oxipng_bg.wasm'));
      await init(new Response(wasm, { headers: { 'Content-Type': 'application/wasm' } })); // instantiateStreaming
      const out = optimise(png, 2, false, true);
      console.log(out.length < png.length, crypto.createHash('sha256').update(out).digest('hex'));
    });`,

  ywasm: `
    const Y = require('ywasm');
    const [a, b] = [1, 2].map((clientID) => new Y.YDoc({ clientID }));
    const text = a.getText('text');
    let events = 0;
    text.observe((event) => { events += event.delta.length; });
    text.insert(0, 'hello', undefined, undefined);
    a.getMap('map').set('key', { list: [1, 'two', null, true] });
    const update = Y.encodeStateAsUpdate(a);
    Y.applyUpdate(b, update);
    console.log(b.getText('text').toString(), b.getMap('map').get('key'), update.length, events);
    try { Y.applyUpdate(b, Uint8Array.of(1, 2, 3)); } catch (error) { console.log('threw', String(error)); }`,

  '@swc/wasm-typescript': `
    const swc = require('@swc/wasm-typescript');
    const source = 'const x: number = 1; interface A { b: string } export enum E { A, B }';
    swc.transform(source, { mode: 'transform', sourceMap: true }).then(({ code, map }) => {
      console.log(code, map);
      console.log(swc.transformSync('let y = <any>z as string; class C { private a?: number }', { mode: 'strip-only' }).code);
      try { swc.transformSync('let x: = 1', { mode: 'strip-only' }); } catch (error) { console.log('threw', error); }
    }).catch((error) => console.log('rejected', error));`,

  '@bokuweb/zstd-wasm, of Emscripten': `
    const { init, compress, decompress } = require('@bokuweb/zstd-wasm');
    init().then(() => {
      const data = Buffer.from('hello world '.repeat(50000));
      const packed = compress(data, 10);
      console.log(packed.length, Buffer.from(decompress(packed)).equals(data));
      try { decompress(Buffer.from('nonsense')); } catch (error) { console.log('threw', String(error)); }
    });`,

  'libsodium, of Emscripten': `
    const sodium = require('libsodium');
    sodium.ready.then(() => {
      sodium._sodium_init();
      const text = Buffer.from('hello');
      const [hash, input] = [sodium._malloc(64), sodium._malloc(text.length)];
      sodium.HEAPU8.set(text, input);
      sodium._crypto_hash(hash, input, text.length, 0);
      console.log(Buffer.from(sodium.HEAPU8.subarray(hash, hash + 64)).toString('hex'));
      const large = sodium._malloc(100 << 20); // the memory grows
      sodium.HEAPU8[large + (100 << 20) - 1] = 7;
      console.log(sodium.HEAPU8.length > 100 << 20, sodium.UTF8ToString(sodium._sodium_version_string()));
    });`,

  'yoga-layout, of Emscripten with embind': `
    import('yoga-layout').then(({ default: Yoga, FlexDirection, Edge, Direction }) => {
      const root = Yoga.Node.create();
      root.setWidth(500);
      root.setFlexDirection(FlexDirection.Row);
      const nodes = [1, 2, 3].map((grow) => {
        const node = Yoga.Node.create();
        node.setFlexGrow(grow);
        node.setMargin(Edge.All, 5.5);
        root.insertChild(node, root.getChildCount());
        return node;
      });
      const text = Yoga.Node.create();
      text.setMeasureFunc((width, widthMode, height) => ({ width: 33.3, height: Math.min(height, 20) }));
      nodes[0].insertChild(text, 0);
      root.calculateLayout(500, 300, Direction.LTR);
      console.log(JSON.stringify([root, ...nodes, text].map((node) => node.getComputedLayout())));
      root.freeRecursive();
    });`,

  'AssemblyScript, with the bindings of its compiler': `
    globalThis.note = (text, count) => console.log('noted', text, count);
    import(${fixture}).then((text) => {
      console.log(text.shout('h\\u00e9llo \\u{1f600}'), text.sum(Float64Array.of(0.5, 1, 2)), text.squares(5), text.double(2n ** 62n));
      const counter = text.makeCounter(41);
      console.log(text.bump(counter), text.bump(counter), text.IDS.value);
      try { text.fail('mine'); } catch (error) { console.log('threw', String(error)); }
      text.__collect();
      console.log(text.memory instanceof WebAssembly.Memory, text.shout('x'.repeat(100000)).length);
    });`,

  '@assemblyscript/loader': `
    const loader = require('@assemblyscript/loader');
    const fs = require('node:fs');
    let exports;
    const env = { note: (text, count) => console.log('noted', exports.__getString(text), count) };
    loader.instantiate(fs.readFileSync(${fixture}.replace('.mjs', '.wasm')), { env }).then((made) => {
      ({ exports } = made);
      const { __newString, __getString, __getArray, __newArray, __pin, __unpin } = exports;
      const text = __pin(__newString('hello'));
      console.log(__getString(exports.shout(text)), __getArray(exports.squares(4)), exports.double(-5n));
      console.log(exports.sum(__newArray(exports.IDS.value, [1, 2.5])));
      __unpin(text);
      try { exports.fail(__newString('mine')); } catch (error) { console.log('threw', String(error)); }
      exports.__collect();
    });`,
};
