'use strict';

// Plugins and the life of threads and processes.

const assert = require('node:assert/strict');
const { fixturePlugin, kitModule } = require('../fixtures/plugins');
const { child, childPrints } = require('../helpers');

const options = () => JSON.stringify({ plugins: [fixturePlugin('kit')], grants: { plugins: { kit: true } } });
const text = (names, more) => JSON.stringify(kitModule(names, more).toString());

const KEPT = `(table $t 10 externref) (func (export "keep") (param i32) (table.set $t (local.get 0) (call $box_new (local.get 0))))
  (func (export "look") (param i32) (result i32) (call $box_get (table.get $t (local.get 0))))`;
const NAMES = ['box_new', 'box_get', 'next', 'seven', 'get_objects_alive'];

describe('plugins: processes and threads', function () {
  this.timeout(120000);

  it('the process ends with native objects, of open instances and in variables', () =>
    childPrints(
      `const instance = new wg.Instance(Buffer.from(${text(NAMES, KEPT)}), ${options()});
       for (let i = 0; i < 10; i++) instance.exports.keep(i);
       globalThis.box = instance.exports.box_new(3);
       instance.exports.next();
       console.log(instance.exports.look(9));`,
      '9\n',
    ));

  it('process.exit in the middle of a call of a plugin', async () => {
    const ended = await child(
      `const text = ${text(['run', 'next', 'box_new'], '(export "js" (func $js)) (elem declare func $js)')}.replace('(module', '(module (import "env" "js" (func $js))');
       const instance = new wg.Instance(Buffer.from(text), { ...${options()}, imports: { env: { js: () => process.exit(7) } } });
       instance.exports.next();
       globalThis.box = instance.exports.box_new(3);
       instance.exports.run(instance.exports.js);`,
    );
    assert.deepEqual([ended.code, ended.signal, ended.stderr], [7, null, '']);
  });

  it('the same plugin in several threads at once, each instance with its own data', () =>
    childPrints(
      `const { Worker } = require('node:worker_threads');
       const body = ${JSON.stringify(`
         const { parentPort, workerData: { root, text, options } } = require('node:worker_threads');
         const wg = require(root);
         let sum = 0;
         for (let round = 0; round < 20; round++) {
           const instance = new wg.Instance(Buffer.from(text), options);
           for (let i = 0; i < 10; i++) instance.exports.keep(i);
           for (let i = 0; i < 100; i++) sum += instance.exports.next() + instance.exports.look(i % 10);
           instance.close();
         }
         parentPort.postMessage(sum);
       `)};
       const workerData = { root: process.cwd(), text: ${text(NAMES, KEPT)}, options: ${options()} };
       const one = () => new Promise((resolve, reject) => new Worker(body, { eval: true, workerData }).on('error', reject).on('message', resolve));
       Promise.all(Array.from({ length: 8 }, one)).then((sums) => {
         const instance = new wg.Instance(Buffer.from(workerData.text), workerData.options);
         console.log(new Set(sums).size, sums[0], instance.exports.get_objects_alive());
       });`,
      `1 ${20 * (5050 + 450)} 0\n`,
    ));

  it('a worker is ended while a plugin calls its guest', () =>
    childPrints(
      `const { Worker } = require('node:worker_threads');
       const body = ${JSON.stringify(`
         const { parentPort, workerData: { root, text, options } } = require('node:worker_threads');
         const wg = require(root);
         const { exports } = new wg.Instance(Buffer.from(text), options);
         exports.next();
         globalThis.box = exports.box_new(1);
         parentPort.postMessage('on');
         exports.run(exports.spin);
       `)};
       const workerData = { root: process.cwd(), text: ${text(['run', 'next', 'box_new'], '(func (export "spin") (loop (br 0)))')}, options: ${options()} };
       const worker = new Worker(body, { eval: true, workerData });
       worker.once('message', async () => { console.log(await worker.terminate()); });`,
      '1\n',
    ));

  it('a load in several threads at once runs the entry once', () =>
    childPrints(
      `const { Worker } = require('node:worker_threads');
       const body = "const { parentPort, workerData: { root, path } } = require('node:worker_threads'); parentPort.postMessage(require(root).Plugin.load(path).functions.length);";
       const workerData = { root: process.cwd(), path: ${JSON.stringify(fixturePlugin('kit'))} };
       const one = () => new Promise((resolve, reject) => new Worker(body, { eval: true, workerData }).on('error', reject).on('message', resolve));
       Promise.all(Array.from({ length: 6 }, one)).then((counts) => console.log(new Set(counts).size));`,
      '1\n',
    ));
});
