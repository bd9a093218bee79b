;; Dot products of vectors of int8, sixteen numbers at a time. `npm run bench -- recall-speed` has the numbers beside plain JavaScript.
;; After a change: npx wat2wasm recall/dots.wat -o recall/dots.wasm (a test compares the two).
(module
  (memory (export "memory") 8)

  ;; out[i] = a . b for `count` pairs, as int32. After each, a moves on by $aStep bytes and b by $bStep: a step of 0 holds one vector
  ;; against many. $length is a multiple of 16 and at most 131,072, so that no sum leaves int32.
  (func (export "dots")
    (param $a i32) (param $aStep i32) (param $b i32) (param $bStep i32) (param $length i32) (param $count i32) (param $out i32)
    (local $at i32) (local $x v128) (local $y v128) (local $low v128) (local $high v128)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $low (v128.const i32x4 0 0 0 0))
        (local.set $high (v128.const i32x4 0 0 0 0))
        (local.set $at (i32.const 0))
        (loop $sixteen
          (local.set $x (v128.load (i32.add (local.get $a) (local.get $at))))
          (local.set $y (v128.load (i32.add (local.get $b) (local.get $at))))
          (local.set $low (i32x4.add (local.get $low)
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $x)) (i16x8.extend_low_i8x16_s (local.get $y)))))
          (local.set $high (i32x4.add (local.get $high)
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $x)) (i16x8.extend_high_i8x16_s (local.get $y)))))
          (br_if $sixteen
            (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $length))))
        (local.set $low (i32x4.add (local.get $low) (local.get $high)))
        (i32.store (local.get $out)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $low)) (i32x4.extract_lane 1 (local.get $low)))
            (i32.add (i32x4.extract_lane 2 (local.get $low)) (i32x4.extract_lane 3 (local.get $low)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (local.set $a (i32.add (local.get $a) (local.get $aStep)))
        (local.set $b (i32.add (local.get $b) (local.get $bStep)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))))
