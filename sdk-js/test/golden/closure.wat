(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32) (result i32)))
  (type $t2 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_fn_create" (func $env.jank_fn_create (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_add" (func $env.jank_add (type $t0)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user/adder__closure.jank:2_ (type $t0) (param $self i32) (param $n i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l2
    global.get $env.__memory_base
    i32.load offset=108
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
    i32.store offset=108
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
    global.get $env.__memory_base
    i32.load offset=124
    i32.const 1
    call $env.jank_fn_create
    local.set $l4
    local.get $l4
    local.get $n
    i32.store offset=16
    local.get $l4
    local.get $l2
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user/adder--1__closure.jank:3_ (type $t0) (param $self i32) (param $x i32) (result i32)
    (local $l2 i32) (local $l3 i64) (local $l4 i64) (local $l5 i64) (local $l6 i32) (local $l7 i32)
    local.get $self
    i32.load offset=16
    local.set $l6
    block $B0 (result i32)
      block $B1
        local.get $x
        local.get $l6
        i32.and
        i32.const 1
        i32.and
        i32.eqz
        br_if $B1
        local.get $x
        i32.const 1
        i32.sub
        local.get $l6
        i32.add
        local.set $l7
        local.get $l7
        local.get $x
        i32.xor
        local.get $l7
        local.get $l6
        i32.xor
        i32.and
        i32.const 0
        i32.lt_s
        br_if $B1
        local.get $l7
        br $B0
      end
      local.get $x
      local.get $l6
      call $env.jank_add
    end)
  (func $jank_patch_symbols_golden (type $t1) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/adder__closure.jank:2_ $user/adder--1__closure.jank:3_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00*\00\00\00t\00\00\00l\00\00\00T\00\00\00\02\00\00\00\03\09\09user\0badder\15\01\01\01\03n\19closure.jank\02\01\0f\02\04\031\01\02\01user/adder\001\00meta\00B\00\00\00M\00\00\00\00\00\00\00B\00\00\00O\00\00\00\01\00\00\00"))
