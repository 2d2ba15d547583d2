'use strict';

// References that come and go at random, in tables so large that places of the engine's heap
// are used again and again: what comes out is what went in.

const assert = require('node:assert/strict');
const { Instance, createWebAssembly } = require('../..');
const { assemble } = require('../../js/load');
const { bytesOf, refuses, track } = require('../helpers');
const { random } = require('../../bench/stats');

const ENTRIES = 3000;
const STEPS = 60000;

const SOURCE = `(module
  (type $box (struct (field i32)))
  (table $all ${ENTRIES} externref)
  (func (export "put") (param i32 externref) (table.set $all (local.get 0) (local.get 1)))
  (func (export "get") (param i32) (result externref) (table.get $all (local.get 0)))
  (func (export "move") (param i32 i32 i32)
    (table.copy $all $all (local.get 0) (local.get 1) (local.get 2)))
  (func (export "box") (param i32 i32)
    (table.set $all (local.get 0) (extern.convert_any (struct.new $box (local.get 1)))))
  (func (export "unbox") (param i32) (result i32)
    (struct.get $box 0 (ref.cast (ref $box) (any.convert_extern (table.get $all (local.get 0)))))))`;

const makers = [
  (n) => ({ n }),
  (n) => n - 100,
  (n) => n + 0.5,
  (n) => `text ${n}`,
  (n) => [null, undefined, true, false][n & 3],
  (n) => Symbol(n),
  (n) => BigInt(n),
];

/** Changes the guest's table and a copy of it in the same way. `boxes`: objects of the guest, too. */
function shuffle({ put, get, move, box, unbox }, boxes, seed) {
  const next = random(seed);
  const below = (limit) => Math.floor(next() * limit);
  const copy = new Array(ENTRIES).fill(null);
  class Box {
    constructor(n) {
      this.n = n;
    }
  }
  for (let step = 0; step < STEPS; step++) {
    const i = below(ENTRIES);
    const kind = below(makers.length + (boxes ? 3 : 1));
    if (kind < makers.length) {
      copy[i] = makers[kind](step);
      put(i, copy[i]);
    } else if (kind === makers.length) {
      const [to, from] = [below(ENTRIES - 8), below(ENTRIES - 8)];
      copy.splice(to, 8, ...copy.slice(from, from + 8));
      move(to, from, 8);
    } else {
      copy[i] = new Box(step);
      box(i, step);
    }
    const at = below(ENTRIES);
    if (copy[at] instanceof Box) assert.equal(unbox(at), copy[at].n);
    else assert.ok(Object.is(get(at), copy[at]), `step ${step}, entry ${at}`);
  }
}

describe('references at random', function () {
  this.timeout(60000);

  for (const seed of [1, 2, 3]) {
    it(`class Instance, seed ${seed}`, () => {
      const source = bytesOf(SOURCE.replace(/\(type[^]*?\)\)\)/, '').replace(/\(func \(export "box"[^]*$/, ')'));
      const instance = track(new Instance(source));
      shuffle(instance.exports, false, seed);
    });

    it(`a namespace, with objects of the guest, seed ${seed}`, () => {
      const WebAssembly = track(createWebAssembly());
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(SOURCE)));
      shuffle(exports, true, seed);
    });
  }
});

// The engine keeps references in a heap that counts as a memory.
describe('a heap of references that is full', () => {
  const MOST = 200000;
  const guest = `
    (import "env" "see" (func $see (param externref) (result externref)))
    (table $all ${MOST} externref)
    (func (export "put") (param i32 externref) (table.set $all (local.get 0) (local.get 1)))
    (func (export "putSeen") (param i32 externref) (table.set $all (local.get 0) (call $see (local.get 1))))
    (func (export "get") (param i32) (result externref) (table.get $all (local.get 0)))
    (func (export "pair") (param externref externref) (result externref) (local.get 1))
    (func (export "forget") (table.fill $all (i32.const 0) (ref.null extern) (i32.const ${MOST})))`;
  const options = { limits: { memoryBytes: 1 << 20 }, imports: { env: { see: (value) => ({ value }) } } };

  for (const [name, make, key] of [
    ['objects', (n) => ({ n }), 'put'],
    ['texts', (n) => `text ${n}`, 'put'],
    ['undefined', () => undefined, 'put'],
    ['results of a host function', () => null, 'putSeen'],
  ]) {
    it(`${name}: an error, nothing is lost, and there is room again when the guest forgets`, () => {
      const { exports } = track(new Instance(bytesOf(guest), options));
      const given = [];
      const fill = () => {
        while (given.length < MOST) {
          const value = make(given.length);
          exports[key](given.length, value);
          given.push(value);
        }
      };
      refuses(fill, 'ERR_OUT_OF_MEMORY');
      assert.ok(given.length > 10000, String(given.length));
      for (let i = 0; i < 100; i++) {
        refuses(() => exports[key](given.length, make(i)), 'ERR_OUT_OF_MEMORY');
        refuses(() => exports.pair({}, {}), 'ERR_OUT_OF_MEMORY');
      }
      if (key === 'put') given.forEach((value, i) => assert.ok(Object.is(exports.get(i), value), String(i)));
      exports.forget();
      for (let i = 0; i < 2000; i++) exports[key](i % 10, make(i));
      const kept = {};
      exports.put(0, kept);
      assert.equal(exports.get(0), kept);
    });
  }
});
