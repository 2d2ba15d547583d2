;; Calls of imports, a hundred at a time: what `bench/imports.js` measures. Built with `wat2wasm`, or any other assembler.
(module
  (import "env" "next" (func $next (param i32) (result i32)))
  (import "env" "weigh" (func $weigh (param f64 f64) (result f64)))
  (import "env" "read" (func $read (param i32 i32) (result i32)))
  (import "env" "touch" (func $touch (param externref) (result externref)))
  (memory (export "memory") 1)
  (data (i32.const 0) "It was a bright cold day in April, and the clocks were striking thirteen. ")
  (func (export "__wbindgen_start"))
  (func (export "idle") (param $x i32) (result i32) (local $left i32)
    (local.set $left (i32.const 100))
    (loop $again
      (local.set $x (i32.add (local.get $x) (i32.const 1)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $x))
  (func (export "next") (param $x i32) (result i32) (local $left i32)
    (local.set $left (i32.const 100))
    (loop $again
      (local.set $x (call $next (local.get $x)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $x))
  (func (export "weigh") (param $x f64) (result f64) (local $left i32)
    (local.set $left (i32.const 100))
    (loop $again
      (local.set $x (call $weigh (local.get $x) (f64.const 1)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $x))
  (func (export "read") (param $at i32) (param $bytes i32) (result i32) (local $left i32) (local $sum i32)
    (local.set $left (i32.const 100))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $read (local.get $at) (local.get $bytes))))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $sum))
  (func (export "touch") (param $x externref) (result externref) (local $left i32)
    (local.set $left (i32.const 100))
    (loop $again
      (local.set $x (call $touch (local.get $x)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $x)))
