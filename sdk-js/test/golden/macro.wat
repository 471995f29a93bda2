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
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user/checked__macro.jank:5_ (type $t0) (param $self i32) (param $x i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i64) (local $l5 i64) (local $l6 i64) (local $l7 i32)
    block $B0 (result i32)
      block $B1
        local.get $x
        i32.const 1
        i32.and
        i32.eqz
        br_if $B1
        local.get $x
        i32.const 1
        i32.lt_s
        br $B0
      end
      global.get $env.__stack_pointer
      i32.const 16
      i32.sub
      local.tee $l2
      global.set $env.__stack_pointer
      local.get $l2
      local.get $x
      i32.store
      local.get $x
      i32.const 1
      call $env.jank_lt
      local.get $l2
      i32.const 16
      i32.add
      global.set $env.__stack_pointer
    end
    if $I2 (result i32)
      i32.const 0
    else
      global.get $env.__stack_pointer
      i32.const 48
      i32.sub
      local.tee $l2
      global.get $env.__memory_base
      i32.load offset=124
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
      i32.store offset=124
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
      local.get $x
      i32.store
      global.get $env.__memory_base
      i32.load offset=140
      i32.load offset=12
      local.tee $l7
      local.get $x
      local.get $l7
      i32.load offset=8
      i32.load offset=28
      call_indirect $env.__indirect_function_table (type $t0)
      drop
      local.get $x
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
  (elem $e0 (global.get $env.__table_base) func $user/checked__macro.jank:5_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\008\00\00\00\84\00\00\00|\00\00\00d\00\00\00\02\00\00\00\03\09\09user\0fchecked\15\01\01\01\03x\15macro.jank\05\01\09\19clojure.core\0fprintlnuser/checked\001\00meta\00P\00\00\00]\00\00\00\00\00\00\00P\00\00\00_\00\00\00\01\00\00\00"))
