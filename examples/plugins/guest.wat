;; A guest of the plugin "texts": what it cannot do itself, it asks its host for.
(module
  (import "texts" "words" (func $words (param i32 i32) (result i32)))
  (import "texts" "upper" (func $upper (param i32 i32)))
  (import "texts" "each" (func $each (param funcref i32 i32)))
  (import "texts" "tally_new" (func $tally_new (result externref)))
  (import "texts" "tally_add" (func $tally_add (param externref i32 i32) (result i32)))
  (import "texts" "order" (func $order (param i32) (result externref)))
  (import "texts" "sort" (func $sort (param externref i32 i32)))
  (import "texts" "crc32" (func $crc32 (param i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "the cat and the dog and the owl")  ;; 31 bytes
  (data (i32.const 64) "\05\00\00\00\ff\ff\ff\ff\09\00\00\00\02\00\00\00")  ;; 5 -1 9 2
  (table $seen 1 externref)
  (global $most (mut i32) (i32.const 0))
  (elem declare func $visit)

  (func (export "words") (result i32) (call $words (i32.const 0) (i32.const 31)))
  (func (export "shout") (call $upper (i32.const 0) (i32.const 31)))

  ;; How often the most frequent word is there. The table of words is the host's; the guest
  ;; keeps it in a table of its own meanwhile.
  (func $visit (param $at i32) (param $bytes i32)
    (local $count i32)
    (local.set $count (call $tally_add (table.get $seen (i32.const 0)) (local.get $at) (local.get $bytes)))
    (if (i32.gt_s (local.get $count) (global.get $most)) (then (global.set $most (local.get $count)))))
  (func (export "most") (result i32)
    (table.set $seen (i32.const 0) (call $tally_new))
    (call $each (ref.func $visit) (i32.const 0) (i32.const 31))
    (table.set $seen (i32.const 0) (ref.null extern))
    (global.get $most))

  ;; The order comes from the host and goes back to it: for the guest it is a reference.
  (func (export "sort") (param $which i32) (call $sort (call $order (local.get $which)) (i32.const 64) (i32.const 4)))

  (func (export "crc32") (result i32) (call $crc32 (i32.const 0) (i32.const 0) (i32.const 31)))
  (func (export "beyond") (result i32) (call $words (i32.const 65530) (i32.const 31)))
  (func (export "mistaken") (call $sort (call $tally_new) (i32.const 64) (i32.const 4))))
