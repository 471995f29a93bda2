(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32 i32 i32) (result i32)))
  (type $t2 (func (param i32 i32 i32 i32) (result i32)))
  (type $t3 (func (param i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_add" (func $env.jank_add (type $t0)))
  (import "env" "jank_make_vector" (func $env.jank_make_vector (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t3)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t1)))
  (func $user/moved__destructuring.jank:2_ (type $t1) (param $self i32) (param $p__1 i32) (param $p__3 i32) (result i32)
    (local $l3 i32) (local $l4 i32) (local $l5 i32) (local $l6 i32) (local $l7 i32) (local $l8 i32) (local $l9 i32) (local $l10 i32) (local $l11 i64) (local $l12 i64) (local $l13 i64) (local $l14 i32)
    global.get $env.__stack_pointer
    i32.const 64
    i32.sub
    local.tee $l9
    global.get $env.__memory_base
    i32.load offset=196
    local.tee $l10
    i32.lt_s
    if $I0
      local.get $l9
      call $env.jank_check_stack
      local.set $l10
    end
    global.get $env.__memory_base
    local.get $l10
    i32.const 16
    i32.add
    i32.store offset=196
    local.get $l9
    global.set $env.__stack_pointer
    local.get $l9
    i64.const 0
    i64.store
    local.get $l9
    i64.const 0
    i64.store offset=8
    local.get $l9
    i64.const 0
    i64.store offset=16
    local.get $l9
    i64.const 0
    i64.store offset=24
    local.get $l9
    i64.const 0
    i64.store offset=32
    local.get $l9
    i64.const 0
    i64.store offset=40
    local.get $l9
    i64.const 0
    i64.store offset=48
    local.get $l9
    i64.const 0
    i64.store offset=56
    local.get $l9
    local.get $p__3
    i32.store
    global.get $env.__memory_base
    i32.load offset=212
    i32.load offset=12
    local.tee $l14
    local.get $p__1
    local.get $l14
    i32.load offset=8
    i32.load offset=28
    call_indirect $env.__indirect_function_table (type $t0)
    local.set $l3
    local.get $l9
    local.get $l3
    i32.store offset=4
    global.get $env.__memory_base
    i32.load offset=216
    i32.load offset=12
    local.tee $l14
    local.get $l3
    global.get $env.__memory_base
    i32.load offset=220
    local.get $l14
    i32.load offset=8
    i32.load offset=32
    call_indirect $env.__indirect_function_table (type $t1)
    local.set $l4
    local.get $l9
    local.get $l4
    i32.store offset=8
    global.get $env.__memory_base
    i32.load offset=216
    i32.load offset=12
    local.tee $l14
    local.get $l3
    global.get $env.__memory_base
    i32.load offset=224
    i32.const 1
    local.get $l9
    i32.const 0
    i32.store offset=4
    local.get $l14
    i32.load offset=8
    i32.load offset=36
    call_indirect $env.__indirect_function_table (type $t2)
    local.set $l5
    local.get $l9
    local.get $l5
    i32.store offset=12
    local.get $p__3
    local.set $l6
    local.get $l9
    local.get $l6
    i32.store offset=16
    global.get $env.__memory_base
    i32.load offset=228
    i32.load offset=12
    local.tee $l14
    local.get $l6
    i32.const 1
    i32.const 0
    local.get $l14
    i32.load offset=8
    i32.load offset=36
    call_indirect $env.__indirect_function_table (type $t2)
    local.set $l7
    local.get $l9
    local.get $l7
    i32.store offset=20
    global.get $env.__memory_base
    i32.load offset=228
    i32.load offset=12
    local.tee $l14
    local.get $l6
    i32.const 3
    i32.const 0
    local.get $l9
    i32.const 0
    i32.store offset=16
    local.get $l14
    i32.load offset=8
    i32.load offset=36
    call_indirect $env.__indirect_function_table (type $t2)
    local.set $l8
    local.get $l9
    block $B1 (result i32)
      block $B2
        local.get $l4
        local.get $l7
        i32.and
        i32.const 1
        i32.and
        i32.eqz
        br_if $B2
        local.get $l4
        i32.const 1
        i32.sub
        local.get $l7
        i32.add
        local.set $l14
        local.get $l14
        local.get $l4
        i32.xor
        local.get $l14
        local.get $l7
        i32.xor
        i32.and
        i32.const 0
        i32.lt_s
        br_if $B2
        local.get $l14
        br $B1
      end
      local.get $l9
      local.get $l8
      i32.store offset=32
      local.get $l4
      local.get $l7
      call $env.jank_add
    end
    i32.store offset=24
    local.get $l9
    block $B3 (result i32)
      block $B4
        local.get $l5
        local.get $l8
        i32.and
        i32.const 1
        i32.and
        i32.eqz
        br_if $B4
        local.get $l5
        i32.const 1
        i32.sub
        local.get $l8
        i32.add
        local.set $l14
        local.get $l14
        local.get $l5
        i32.xor
        local.get $l14
        local.get $l8
        i32.xor
        i32.and
        i32.const 0
        i32.lt_s
        br_if $B4
        local.get $l14
        br $B3
      end
      local.get $l5
      local.get $l8
      call $env.jank_add
    end
    i32.store offset=28
    i32.const 2
    local.get $l9
    i32.const 24
    i32.add
    call $env.jank_make_vector
    local.get $l9
    i32.const 64
    i32.add
    global.set $env.__stack_pointer)
  (func $jank_patch_symbols_golden (type $t3) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/moved__destructuring.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00\81\00\00\00\cc\00\00\00\c4\00\00\00\ac\00\00\00\02\00\00\00\07\09\09user\0bmoved\15\01\01\02\00\0c\02\07\00\09keys\0b\02\08\00\03x\08\00\03y\07\00\05or\0c\01\08\00\0a\03\00\00\0b\02\08\00\05dx\08\00\05dy%destructuring.jank\02\01\09\19clojure.core\1bdestructured*\09\14\07get\07\00\08\07\00\0a\09\14\07nthuser/moved\002\00meta\00\00\99\00\00\00\a4\00\00\00\00\00\00\00\99\00\00\00\a6\00\00\00\01\00\00\00"))
