;; What bench/bulk.js measures: bytes and references that are moved at once. Memory is three
;; blocks of 1 MiB; tables are two of 10,000 entries.
(module
  (memory (export "memory") 48)
  (table $values 20000 externref)
  (table $functions 20000 funcref)
  (elem declare func $zero $one $two $three $four $five $six $seven)
  (global $MiB i32 (i32.const 0x100000))

  ;; The last byte of the source is set first, and that of the copy returned.
  (func (export "copy") (param $byte i32) (result i32)
    (i32.store8 (i32.const 0xfffff) (local.get $byte))
    (memory.copy (global.get $MiB) (i32.const 0) (global.get $MiB))
    (i32.load8_u (i32.const 0x1fffff)))
  (func (export "copyBytes") (param $byte i32) (result i32) (local $i i32)
    (i32.store8 (i32.const 0xfffff) (local.get $byte))
    (loop $next
      (i32.store8 offset=0x100000 (local.get $i) (i32.load8_u (local.get $i)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (global.get $MiB))))
    (i32.load8_u (i32.const 0x1fffff)))
  (func (export "fill") (param $byte i32) (result i32)
    (memory.fill (global.get $MiB) (local.get $byte) (global.get $MiB))
    (i32.load8_u (i32.const 0x1fffff)))
  (func (export "fillBytes") (param $byte i32) (result i32) (local $i i32)
    (loop $next
      (i32.store8 offset=0x100000 (local.get $i) (local.get $byte))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (global.get $MiB))))
    (i32.load8_u (i32.const 0x1fffff)))
  (func (export "at") (param $i i32) (result i32) (i32.load8_u (local.get $i)))

  ;; The same with entries of a table.
  (func (export "copyValues") (param externref) (result externref)
    (table.set $values (i32.const 9999) (local.get 0))
    (table.copy $values $values (i32.const 10000) (i32.const 0) (i32.const 10000))
    (table.get $values (i32.const 19999)))
  (func (export "fillValues") (param externref) (result externref)
    (table.fill $values (i32.const 0) (local.get 0) (i32.const 10000))
    (table.get $values (i32.const 9999)))
  (func (export "copyFunctions") (param funcref) (result funcref)
    (table.set $functions (i32.const 9999) (local.get 0))
    (table.copy $functions $functions (i32.const 10000) (i32.const 0) (i32.const 10000))
    (table.get $functions (i32.const 19999)))
  (func (export "fillFunctions") (param funcref) (result funcref)
    (table.fill $functions (i32.const 0) (local.get 0) (i32.const 10000))
    (table.get $functions (i32.const 9999)))

  (func (export "value") (param externref) (result externref) (local.get 0))
  (func (export "function") (param funcref) (result funcref) (local.get 0))

  (func $zero (export "f0")) (func $one (export "f1")) (func $two (export "f2")) (func $three (export "f3"))
  (func $four (export "f4")) (func $five (export "f5")) (func $six (export "f6")) (func $seven (export "f7")))
