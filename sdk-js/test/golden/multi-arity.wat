(module
  (type $t0 (func (param i32 i32 i32) (result i32)))
  (type $t1 (func (param i32) (result i32)))
  (type $t2 (func (param i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_mul" (func $env.jank_mul (type $t2)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t0)))
  (func $user/scale__multi-arity.jank:2_ (type $t2) (param $self i32) (param $x i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l2
    global.get $env.__memory_base
    i32.load offset=128
    local.tee $l3
    i32.lt_s
    if $I0
      local.get $l2
      call $env.jank_check_stack
      local.set $l3
    end
    global.get $env.__memory_base
    local.get $l3
    i32.const 16
    i32.add
    i32.store offset=128
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
    global.get $env.__memory_base
    i32.load offset=136
    i32.load offset=12
    local.tee $l4
    local.get $x
    i32.const 5
    local.get $l4
    local.get $self
    i32.eq
    if $I1 (param i32 i32 i32) (result i32)
      call $user/scale__multi-arity.jank:2_.1
    else
      local.get $l4
      i32.load offset=8
      i32.load offset=32
      call_indirect $env.__indirect_function_table (type $t0)
    end
    local.get $l2
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user/scale__multi-arity.jank:2_.1 (type $t0) (param $self i32) (param $x i32) (param $factor i32) (result i32)
    (local $l3 i32) (local $l4 i64) (local $l5 i64) (local $l6 i64)
    block $B0 (result i32)
      block $B1
        local.get $x
        local.get $factor
        i32.and
        i32.const 1
        i32.and
        i32.eqz
        br_if $B1
        local.get $x
        i32.const 1
        i32.shr_s
        i64.extend_i32_s
        local.get $factor
        i32.const 1
        i32.sub
        i64.extend_i32_s
        i64.mul
        local.tee $l4
        i32.wrap_i64
        i64.extend_i32_s
        local.get $l4
        i64.ne
        br_if $B1
        local.get $l4
        i32.wrap_i64
        i32.const 1
        i32.or
        br $B0
      end
      local.get $x
      local.get $factor
      call $env.jank_mul
    end)
  (func $jank_patch_symbols_golden (type $t1) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/scale__multi-arity.jank:2_ $user/scale__multi-arity.jank:2_.1)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00/\00\00\00\88\00\00\00\80\00\00\00\5c\00\00\00\03\00\00\00\02\09\09user\0bscale\15\01\02\01\03x\02\06\0dfactor!multi-arity.jank\02\01user/scale\001\002\00meta\00\00G\00\00\00R\00\00\00\00\00\00\00G\00\00\00T\00\00\00\01\00\00\00G\00\00\00V\00\00\00\01\00\00\00"))
