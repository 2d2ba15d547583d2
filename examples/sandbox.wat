;; A guest that nobody trusts: a program that prints what it reads, with exports that go too far.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; At 0 and 4: the address and length of a buffer. At 8: how many bytes were read or written.
  (func (export "_start")
    (loop $next
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (br $next)))))

  (func (export "dice") (result i32)
    (drop (call $random (i32.const 16) (i32.const 4)))
    (i32.add (i32.const 1) (i32.rem_u (i32.load (i32.const 16)) (i32.const 6))))

  (func (export "sum") (param $to i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $to)))
      (br_if $next (local.tee $to (i32.sub (local.get $to) (i32.const 1)))))
    (local.get $sum))

  (func (export "spin") (loop $forever (br $forever)))

  ;; The number of pages before, or -1.
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages))))
