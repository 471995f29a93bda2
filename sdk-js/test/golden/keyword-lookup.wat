(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32 i32 i32) (result i32)))
  (type $t2 (func (param i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_call1" (func $env.jank_call1 (type $t0)))
  (import "env" "jank_call2" (func $env.jank_call2 (type $t1)))
  (import "env" "jank_make_vector" (func $env.jank_make_vector (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t2)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t1)))
  (func $user/named__keyword-lookup.jank:2_ (type $t0) (param $self i32) (param $m i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l2
    global.get $env.__memory_base
    i32.load offset=120
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
    i32.store offset=120
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
    local.get $m
    i32.store
    local.get $l2
    global.get $env.__memory_base
    i32.load offset=136
    local.set $l4
    local.get $l4
    i32.const 7
    i32.and
    if $I1 (result i32)
      i32.const 0
    else
      local.get $l4
      i32.load8_u
      i32.const 1
      i32.eq
    end
    if $I2 (result i32)
      local.get $l4
      local.get $m
      local.get $l4
      i32.load offset=8
      i32.load offset=28
      call_indirect $env.__indirect_function_table (type $t0)
    else
      local.get $l4
      local.get $m
      call $env.jank_call1
    end
    i32.store offset=4
    local.get $l2
    global.get $env.__memory_base
    i32.load offset=140
    local.set $l4
    local.get $l4
    i32.const 7
    i32.and
    if $I3 (result i32)
      i32.const 0
    else
      local.get $l4
      i32.load8_u
      i32.const 1
      i32.eq
    end
    if $I4 (result i32)
      local.get $l4
      local.get $m
      i32.const 1
      local.get $l2
      i32.const 0
      i32.store
      local.get $l4
      i32.load offset=8
      i32.load offset=32
      call_indirect $env.__indirect_function_table (type $t1)
    else
      local.get $l4
      local.get $m
      i32.const 1
      local.get $l2
      i32.const 0
      i32.store
      call $env.jank_call2
    end
    i32.store offset=8
    i32.const 2
    local.get $l2
    i32.const 4
    i32.add
    call $env.jank_make_vector
    local.get $l2
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $jank_patch_symbols_golden (type $t2) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/named__keyword-lookup.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\006\00\00\00\80\00\00\00x\00\00\00`\00\00\00\02\00\00\00\04\09\09user\0bnamed\15\01\01\01\03m'keyword-lookup.jank\02\01\07\00\09name\07\00\07ageuser/named\001\00meta\00N\00\00\00Y\00\00\00\00\00\00\00N\00\00\00[\00\00\00\01\00\00\00"))
