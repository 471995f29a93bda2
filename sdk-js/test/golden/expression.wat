(module
  (type $t0 (func))
  (type $t1 (func (param i64) (result i32)))
  (type $t2 (func (param i32 i32 i32) (result i32)))
  (type $t3 (func (param i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_integer_overflow" (func $env.jank_integer_overflow (type $t0)))
  (import "env" "jank_box_integer" (func $env.jank_box_integer (type $t1)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t3)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user__expression.jank:2_ (type $t3) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i64) (local $l4 i64) (local $l5 i64) (local $l6 i32) (local $l7 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=80
    local.tee $l2
    i32.lt_s
    if $I0
      local.get $l1
      call $env.jank_check_stack
      local.set $l2
    end
    global.get $env.__memory_base
    local.get $l2
    i32.const 16
    i32.add
    i32.store offset=80
    local.get $l1
    global.set $env.__stack_pointer
    local.get $l1
    i64.const 0
    i64.store
    local.get $l1
    i64.const 0
    i64.store offset=8
    local.get $l1
    i64.const 0
    i64.store offset=16
    local.get $l1
    i64.const 0
    i64.store offset=24
    local.get $l1
    i64.const 0
    i64.store offset=32
    local.get $l1
    i64.const 0
    i64.store offset=40
    i64.const 1
    local.tee $l4
    i64.const 2
    i64.add
    local.tee $l3
    local.get $l4
    i64.lt_s
    if $I1
      call $env.jank_integer_overflow
      unreachable
    end
    local.get $l3
    local.set $l3
    local.get $l3
    i64.const 1073741824
    i64.add
    i64.const 2147483648
    i64.lt_u
    if $I2 (result i32)
      local.get $l3
      i32.wrap_i64
      i32.const 1
      i32.shl
      i32.const 1
      i32.or
    else
      local.get $l3
      call $env.jank_box_integer
    end
    local.set $l6
    global.get $env.__memory_base
    i32.load offset=88
    i32.load offset=12
    local.tee $l7
    global.get $env.__memory_base
    i32.load offset=92
    local.get $l6
    local.get $l7
    i32.load offset=8
    i32.load offset=32
    call_indirect $env.__indirect_function_table (type $t2)
    local.get $l1
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user__init_ (type $t3) (param $p0 i32) (result i32)
    local.get $p0
    call $user__expression.jank:2_)
  (func $jank_patch_symbols_golden (type $t3) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user__expression.jank:2_ $user__init_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00\22\00\00\00X\00\00\00P\00\00\00D\00\00\00\01\00\00\00\02\09\19clojure.core\0fprintln\06\13installeduser\00init\00:\00\00\00?\00\00\00\01\00\00\00"))
