;; A guest that uses both functions of the plugin.
(module
  (import "{{crate}}" "add" (func $add (param i32 i32) (result i32)))
  (import "{{crate}}" "sum" (func $sum (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\01\02\03\04")
  (func (export "add") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1)))
  (func (export "sum") (result i32) (call $sum (i32.const 16) (i32.const 4)))
  (func (export "beyond") (result i32) (call $sum (i32.const 65536) (i32.const 4))))
