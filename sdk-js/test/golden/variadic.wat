(module
  (type $t0 (func (param i32 i32 i32 i32) (result i32)))
  (type $t1 (func (param i32) (result i32)))
  (type $t2 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user/joined__variadic.jank:2_ (type $t2) (param $self i32) (param $separator i32) (param $parts i32) (result i32)
    (local $l3 i32) (local $l4 i32) (local $l5 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l3
    global.get $env.__memory_base
    i32.load offset=148
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
    i32.store offset=148
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
    global.get $env.__memory_base
    i32.load offset=164
    i32.load offset=12
    local.tee $l5
    global.get $env.__memory_base
    i32.load offset=168
    i32.load offset=8
    local.get $separator
    local.get $parts
    local.get $l5
    i32.load offset=8
    i32.load offset=36
    call_indirect $env.__indirect_function_table (type $t0)
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
  (elem $e0 (global.get $env.__table_base) func $user/joined__variadic.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00N\00\00\00\9c\00\00\00\94\00\00\00|\00\00\00\02\00\00\00\04\09\09user\0djoined\15\01\01\03\13separator\03&\0bparts\1bvariadic.jank\02\01\09\19clojure.core\0bapply\09\0e\07struser/joined\001&\00meta\00\00\00f\00\00\00r\00\00\00\00\00\00\00f\00\00\00u\00\00\00\01\00\00\00"))
