(module
  (type $t0 (func (param i64 i64) (result i64)))
  (type $t1 (func (param i64) (result i32)))
  (type $t2 (func (param i32 i32) (result i32)))
  (type $t3 (func (param i32) (result i32)))
  (type $t4 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_raw_mul" (func $env.jank_raw_mul (type $t0)))
  (import "env" "jank_box_integer" (func $env.jank_box_integer (type $t1)))
  (import "env" "jank_make_map" (func $env.jank_make_map (type $t2)))
  (import "env" "jank_var_bind_root" (func $env.jank_var_bind_root (type $t2)))
  (import "env" "jank_var_reset_meta" (func $env.jank_var_reset_meta (type $t2)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t3)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t4)))
  (func $user__def-value.jank:2_ (type $t3) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i64) (local $l4 i64) (local $l5 i64)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=92
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
    i32.store offset=92
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
    global.get $env.__memory_base
    i32.load offset=100
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=108
    i32.store
    local.get $l1
    i32.const 3
    i32.store offset=4
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=112
    i32.store offset=8
    local.get $l1
    i64.const 2
    i64.const 5
    local.set $l5
    local.set $l4
    local.get $l4
    local.get $l4
    i32.wrap_i64
    i64.extend_i32_s
    i64.eq
    local.get $l5
    local.get $l5
    i32.wrap_i64
    i64.extend_i32_s
    i64.eq
    i32.and
    if $I1 (result i64)
      local.get $l4
      local.get $l5
      i64.mul
    else
      local.get $l4
      local.get $l5
      call $env.jank_raw_mul
    end
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
    i32.store offset=12
    i32.const 2
    local.get $l1
    i32.const 0
    i32.add
    call $env.jank_make_map
    call $env.jank_var_bind_root
    global.get $env.__memory_base
    i32.load offset=104
    call $env.jank_var_reset_meta
    local.get $l1
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user__init_ (type $t3) (param $p0 i32) (result i32)
    local.get $p0
    call $user__def-value.jank:2_)
  (func $jank_patch_symbols_golden (type $t3) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user__def-value.jank:2_ $user__init_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00.\00\00\00d\00\00\00\5c\00\00\00P\00\00\00\01\00\00\00\04\09\09user\0dlimits\15\00\1ddef-value.jank\02\01\07\00\07low\07\00\09highuser\00init\00F\00\00\00K\00\00\00\01\00\00\00"))
