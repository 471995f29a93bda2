(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32) (result i32)))
  (type $t2 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_lt" (func $env.jank_lt (type $t0)))
  (import "env" "jank_sub" (func $env.jank_sub (type $t0)))
  (import "env" "jank_add" (func $env.jank_add (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user/fib__self-call.jank:2_ (type $t0) (param $self i32) (param $n i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i64) (local $l5 i64) (local $l6 i64) (local $l7 i32) (local $l8 i32) (local $l9 i32)
    block $B0 (result i32)
      block $B1
        local.get $n
        i32.const 1
        i32.and
        i32.eqz
        br_if $B1
        local.get $n
        i32.const 5
        i32.lt_s
        br $B0
      end
      global.get $env.__stack_pointer
      i32.const 16
      i32.sub
      local.tee $l2
      global.set $env.__stack_pointer
      local.get $l2
      local.get $n
      i32.store
      local.get $n
      i32.const 5
      call $env.jank_lt
      local.get $l2
      i32.const 16
      i32.add
      global.set $env.__stack_pointer
    end
    if $I2 (result i32)
      local.get $n
    else
      global.get $env.__stack_pointer
      i32.const 48
      i32.sub
      local.tee $l2
      global.get $env.__memory_base
      i32.load offset=100
      local.tee $l3
      i32.lt_s
      if $I3
        local.get $l2
        call $env.jank_check_stack
        local.set $l3
      end
      global.get $env.__memory_base
      local.get $l3
      i32.const 16
      i32.add
      i32.store offset=100
      local.get $l2
      global.set $env.__stack_pointer
      local.get $l2
      i64.const 0
      i64.store
      local.get $l2
      i64.const 0
      i64.store offset=8
      local.get $l2
      i64.const 0
      i64.store offset=16
      local.get $l2
      i64.const 0
      i64.store offset=24
      local.get $l2
      i64.const 0
      i64.store offset=32
      local.get $l2
      i64.const 0
      i64.store offset=40
      local.get $l2
      local.get $n
      i32.store
      block $B4 (result i32)
        block $B5
          local.get $n
          i32.const 1
          i32.and
          i32.eqz
          br_if $B5
          local.get $n
          i32.const 2
          i32.sub
          local.set $l7
          local.get $l7
          local.get $n
          i32.gt_s
          br_if $B5
          local.get $l7
          br $B4
        end
        local.get $n
        i32.const 3
        call $env.jank_sub
      end
      local.set $l7
      global.get $env.__memory_base
      i32.load offset=108
      i32.load offset=12
      local.tee $l8
      local.get $l7
      local.get $l8
      local.get $self
      i32.eq
      if $I6 (param i32 i32) (result i32)
        call $user/fib__self-call.jank:2_
      else
        local.get $l8
        i32.load offset=8
        i32.load offset=28
        call_indirect $env.__indirect_function_table (type $t0)
      end
      local.set $l7
      local.get $l2
      local.get $l7
      i32.store offset=4
      block $B7 (result i32)
        block $B8
          local.get $n
          i32.const 1
          i32.and
          i32.eqz
          br_if $B8
          local.get $n
          i32.const 4
          i32.sub
          local.set $l8
          local.get $l8
          local.get $n
          i32.gt_s
          br_if $B8
          local.get $l8
          br $B7
        end
        local.get $n
        i32.const 5
        call $env.jank_sub
      end
      local.set $l8
      global.get $env.__memory_base
      i32.load offset=108
      i32.load offset=12
      local.tee $l9
      local.get $l8
      local.get $l9
      local.get $self
      i32.eq
      if $I9 (param i32 i32) (result i32)
        call $user/fib__self-call.jank:2_
      else
        local.get $l9
        i32.load offset=8
        i32.load offset=28
        call_indirect $env.__indirect_function_table (type $t0)
      end
      local.set $l8
      block $B10 (result i32)
        block $B11
          local.get $l7
          local.get $l8
          i32.and
          i32.const 1
          i32.and
          i32.eqz
          br_if $B11
          local.get $l7
          i32.const 1
          i32.sub
          local.get $l8
          i32.add
          local.set $l9
          local.get $l9
          local.get $l7
          i32.xor
          local.get $l9
          local.get $l8
          i32.xor
          i32.and
          i32.const 0
          i32.lt_s
          br_if $B11
          local.get $l9
          br $B10
        end
        local.get $l7
        local.get $l8
        call $env.jank_add
      end
      local.get $l2
      i32.const 48
      i32.add
      global.set $env.__stack_pointer
    end)
  (func $jank_patch_symbols_golden (type $t1) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/fib__self-call.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00\22\00\00\00l\00\00\00d\00\00\00L\00\00\00\02\00\00\00\02\09\09user\07fib\15\01\01\01\03n\1dself-call.jank\02\01user/fib\001\00meta\00\00\00:\00\00\00C\00\00\00\00\00\00\00:\00\00\00E\00\00\00\01\00\00\00"))
