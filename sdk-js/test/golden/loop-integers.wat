(module
  (type $t0 (func))
  (type $t1 (func (param i64) (result i32)))
  (type $t2 (func (param i64 i32 i32) (result i32)))
  (type $t3 (func (param i32 i32) (result i32)))
  (type $t4 (func (param i32 i32 i32) (result i32)))
  (type $t5 (func (param i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_poll" (func $env.jank_poll (type $t0)))
  (import "env" "jank_integer_overflow" (func $env.jank_integer_overflow (type $t0)))
  (import "env" "jank_box_integer" (func $env.jank_box_integer (type $t1)))
  (import "env" "jank_raw_compare" (func $env.jank_raw_compare (type $t2)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t4)))
  (func $user/sum__loop-integers.jank:3_ (type $t3) (param $self i32) (param $n i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i32) (local $l5 i32) (local $l6 i64) (local $l7 i64) (local $l8 i64) (local $l9 i64) (local $l10 i64) (local $l11 i64) (local $l12 i64) (local $l13 i64) (local $l14 i64) (local $l15 i64) (local $l16 i64) (local $l17 i64)
    i64.const 0
    local.set $l14
    i64.const 0
    local.set $l16
    local.get $n
    i32.const 1
    i32.and
    if $I0 (result i32)
      local.get $n
      i32.const 1
      i32.shr_s
      i64.extend_i32_s
      local.set $l9
      global.get $env.__memory_base
      i32.load offset=108
      local.set $l5
      loop $L1 (result i32)
        local.get $l14
        local.get $l9
        i64.lt_s
        if $I2 (result i64)
          local.get $l9
          local.get $l14
          i64.sub
          local.tee $l13
          i64.const 4096
          i64.lt_u
          if $I3 (result i64)
            local.get $l13
          else
            i64.const 4096
          end
        else
          i64.const 0
        end
        local.set $l13
        local.get $l5
        local.get $l13
        i32.wrap_i64
        i32.sub
        local.set $l5
        local.get $l13
        local.get $l14
        i64.add
        local.set $l13
        local.get $l5
        i32.const 0
        i32.le_s
        if $I4
          call $env.jank_poll
          i32.const 4096
          local.set $l5
        end
        loop $L5 (result i32)
          local.get $l14
          local.get $l13
          i64.lt_s
          if $I6 (result i32)
            local.get $l14
            i64.const 1
            i64.add
            local.set $l15
            local.get $l16
            local.get $l14
            local.set $l8
            local.set $l7
            local.get $l7
            local.get $l8
            i64.add
            local.set $l6
            local.get $l7
            local.get $l6
            i64.xor
            local.get $l6
            local.get $l8
            i64.xor
            i64.and
            i64.const 0
            i64.lt_s
            if $I7
              call $env.jank_integer_overflow
              unreachable
            end
            local.get $l6
            local.set $l17
            local.get $l15
            local.set $l14
            local.get $l17
            local.set $l16
            br $L5
          else
            local.get $l14
            local.get $l9
            i64.lt_s
            br_if $L1
            local.get $l16
            local.set $l6
            local.get $l6
            i64.const 1073741824
            i64.add
            i64.const 2147483648
            i64.lt_u
            if $I8 (result i32)
              local.get $l6
              i32.wrap_i64
              i32.const 1
              i32.shl
              i32.const 1
              i32.or
            else
              local.get $l6
              call $env.jank_box_integer
            end
          end
        end
      end
      global.get $env.__memory_base
      local.get $l5
      i32.store offset=108
    else
      global.get $env.__memory_base
      i32.load offset=108
      local.set $l5
      loop $L9 (result i32)
        local.get $l5
        i32.const 0
        i32.le_s
        if $I10
          call $env.jank_poll
          i32.const 4096
          local.set $l5
        end
        loop $L11 (result i32)
          local.get $l14
          local.set $l7
          local.get $n
          i32.const 1
          i32.and
          if $I12 (result i32)
            local.get $l7
            local.get $n
            i32.const 1
            i32.shr_s
            i64.extend_i32_s
            i64.lt_s
          else
            global.get $env.__stack_pointer
            i32.const 16
            i32.sub
            local.tee $l4
            global.set $env.__stack_pointer
            local.get $l4
            local.get $n
            i32.store
            local.get $l7
            local.get $n
            i32.const 0
            call $env.jank_raw_compare
            local.get $l4
            i32.const 16
            i32.add
            global.set $env.__stack_pointer
          end
          if $I13 (result i32)
            local.get $l14
            local.tee $l7
            i64.const 1
            i64.add
            local.tee $l6
            local.get $l7
            i64.lt_s
            if $I14
              call $env.jank_integer_overflow
              unreachable
            end
            local.get $l6
            local.set $l15
            local.get $l16
            local.get $l14
            local.set $l8
            local.set $l7
            local.get $l7
            local.get $l8
            i64.add
            local.set $l6
            local.get $l7
            local.get $l6
            i64.xor
            local.get $l6
            local.get $l8
            i64.xor
            i64.and
            i64.const 0
            i64.lt_s
            if $I15
              call $env.jank_integer_overflow
              unreachable
            end
            local.get $l6
            local.set $l17
            local.get $l15
            local.set $l14
            local.get $l17
            local.set $l16
            local.get $l5
            i32.const 1
            i32.sub
            local.tee $l5
            br_if $L11
            br $L9
          else
            local.get $l16
            local.set $l6
            local.get $l6
            i64.const 1073741824
            i64.add
            i64.const 2147483648
            i64.lt_u
            if $I16 (result i32)
              local.get $l6
              i32.wrap_i64
              i32.const 1
              i32.shl
              i32.const 1
              i32.or
            else
              local.get $l6
              call $env.jank_box_integer
            end
          end
        end
      end
      global.get $env.__memory_base
      local.get $l5
      i32.store offset=108
    end)
  (func $jank_patch_symbols_golden (type $t5) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/sum__loop-integers.jank:3_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00&\00\00\00p\00\00\00h\00\00\00P\00\00\00\02\00\00\00\02\09\09user\07sum\15\01\01\01\03n%loop-integers.jank\03\01user/sum\001\00meta\00\00\00>\00\00\00G\00\00\00\00\00\00\00>\00\00\00I\00\00\00\01\00\00\00"))
