(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32) (result i32)))
  (type $t2 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_make_vector" (func $env.jank_make_vector (type $t0)))
  (import "env" "jank_make_set" (func $env.jank_make_set (type $t0)))
  (import "env" "jank_make_map" (func $env.jank_make_map (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user/greeting__literals.jank:2_ (type $t2) (param $self i32) (param $name i32) (param $n i32) (result i32)
    (local $l3 i32) (local $l4 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l3
    global.get $env.__memory_base
    i32.load offset=140
    local.tee $l4
    i32.lt_s
    if $I0
      local.get $l3
      call $env.jank_check_stack
      local.set $l4
    end
    global.get $env.__memory_base
    local.get $l4
    i32.const 16
    i32.add
    i32.store offset=140
    local.get $l3
    global.set $env.__stack_pointer
    local.get $l3
    i64.const 0
    i64.store
    local.get $l3
    i64.const 0
    i64.store offset=8
    local.get $l3
    i64.const 0
    i64.store offset=16
    local.get $l3
    i64.const 0
    i64.store offset=24
    local.get $l3
    i64.const 0
    i64.store offset=32
    local.get $l3
    i64.const 0
    i64.store offset=40
    local.get $l3
    local.get $name
    i32.store
    local.get $l3
    global.get $env.__memory_base
    i32.load offset=156
    i32.store offset=4
    local.get $l3
    global.get $env.__memory_base
    i32.load offset=160
    i32.store offset=8
    local.get $l3
    global.get $env.__memory_base
    i32.load offset=164
    i32.store offset=12
    local.get $l3
    local.get $l3
    local.get $name
    i32.store offset=28
    local.get $l3
    local.get $n
    i32.store offset=32
    i32.const 2
    local.get $l3
    i32.const 28
    i32.add
    call $env.jank_make_vector
    i32.store offset=16
    local.get $l3
    global.get $env.__memory_base
    i32.load offset=168
    i32.store offset=20
    local.get $l3
    local.get $l3
    local.get $name
    i32.store offset=28
    i32.const 1
    local.get $l3
    i32.const 28
    i32.add
    call $env.jank_make_set
    i32.store offset=24
    i32.const 3
    local.get $l3
    i32.const 4
    i32.add
    call $env.jank_make_map
    local.get $l3
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $jank_patch_symbols_golden (type $t1) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/greeting__literals.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00E\00\00\00\94\00\00\00\8c\00\00\00t\00\00\00\02\00\00\00\06\09\09user\11greeting\15\01\01\02\09name\03n\1bliterals.jank\02\01\07\00\09text\06\0bhello\07\00\05to\07\00\09seenuser/greeting\002\00meta\00\00\00]\00\00\00k\00\00\00\00\00\00\00]\00\00\00m\00\00\00\01\00\00\00"))
