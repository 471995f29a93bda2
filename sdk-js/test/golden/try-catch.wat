(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32 i32 i32) (result i32)))
  (type $t2 (func (param i32) (result i32)))
  (type $t3 (func (param i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_fn_create" (func $env.jank_fn_create (type $t0)))
  (import "env" "jank_try" (func $env.jank_try (type $t1)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t2)))
  (import "env" "jank_call0" (func $env.jank_call0 (type $t2)))
  (import "env" "jank_exception_is" (func $env.jank_exception_is (type $t0)))
  (import "env" "jank_throw" (func $env.jank_throw (type $t3)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t1)))
  (func $user/guarded__try-catch.jank:2_ (type $t0) (param $self i32) (param $f i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l2
    global.get $env.__memory_base
    i32.load offset=196
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
    i32.store offset=196
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
    local.get $f
    i32.store
    global.get $env.__memory_base
    i32.load offset=212
    i32.const 1
    call $env.jank_fn_create
    local.set $l4
    local.get $l4
    local.get $f
    i32.store offset=16
    local.get $l4
    global.get $env.__memory_base
    i32.load offset=224
    global.get $env.__memory_base
    i32.load offset=236
    call $env.jank_try
    local.get $l2
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user/guarded--1__try-catch.jank:3_ (type $t2) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i32)
    global.get $env.__stack_pointer
    i32.const 32
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=196
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
    i32.store offset=196
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
    local.get $self
    i32.load offset=16
    local.set $l3
    local.get $l3
    i32.const 7
    i32.and
    if $I1 (result i32)
      i32.const 0
    else
      local.get $l3
      i32.load8_u
      i32.const 1
      i32.eq
    end
    if $I2 (result i32)
      local.get $l3
      local.get $l3
      i32.load offset=8
      i32.load offset=24
      call_indirect $env.__indirect_function_table (type $t2)
    else
      local.get $l3
      call $env.jank_call0
    end
    local.get $l1
    i32.const 32
    i32.add
    global.set $env.__stack_pointer)
  (func $user/guarded--2__try-catch.jank:3_ (type $t0) (param $self i32) (param $exception* i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i32) (local $l5 i64) (local $l6 i64) (local $l7 i64) (local $l8 i32)
    global.get $env.__memory_base
    i32.load offset=216
    local.set $l8
    global.get $env.__stack_pointer
    i32.const 16
    i32.sub
    local.tee $l3
    global.set $env.__stack_pointer
    local.get $l3
    local.get $exception*
    i32.store
    local.get $exception*
    local.get $l8
    call $env.jank_exception_is
    local.get $l3
    i32.const 16
    i32.add
    global.set $env.__stack_pointer
    if $I0 (result i32)
      global.get $env.__stack_pointer
      i32.const 48
      i32.sub
      local.tee $l3
      global.get $env.__memory_base
      i32.load offset=196
      local.tee $l4
      i32.lt_s
      if $I1
        local.get $l3
        call $env.jank_check_stack
        local.set $l4
      end
      global.get $env.__memory_base
      local.get $l4
      i32.const 16
      i32.add
      i32.store offset=196
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
      local.get $exception*
      local.set $l2
      global.get $env.__memory_base
      i32.load offset=220
      i32.load offset=12
      local.tee $l8
      local.get $l2
      local.get $l8
      i32.load offset=8
      i32.load offset=28
      call_indirect $env.__indirect_function_table (type $t0)
      local.get $l3
      i32.const 48
      i32.add
      global.set $env.__stack_pointer
    else
      local.get $exception*
      call $env.jank_throw
      unreachable
    end)
  (func $user/guarded--3__try-catch.jank:3_ (type $t2) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i32)
    global.get $env.__stack_pointer
    i32.const 32
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=196
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
    i32.store offset=196
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
    global.get $env.__memory_base
    i32.load offset=228
    i32.load offset=12
    local.tee $l3
    global.get $env.__memory_base
    i32.load offset=232
    local.get $l3
    i32.load offset=8
    i32.load offset=28
    call_indirect $env.__indirect_function_table (type $t0)
    local.get $l1
    i32.const 32
    i32.add
    global.set $env.__stack_pointer)
  (func $jank_patch_symbols_golden (type $t2) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/guarded__try-catch.jank:2_ $user/guarded--1__try-catch.jank:3_ $user/guarded--2__try-catch.jank:3_ $user/guarded--3__try-catch.jank:3_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00}\00\00\00\cc\00\00\00\c4\00\00\00\ac\00\00\00\02\00\00\00\09\09\09user\0fguarded\15\01\01\01\03f\1dtry-catch.jank\02\01\0f\02\04\031\01\00\01\08\00'ArithmeticException\09\19clojure.core\15ex-message\10\02\04\032\01\02\01\09\0e\0fprintln\06\09done\10\02\04\033\01\00\01user/guarded\001\00meta\00\00\00\00\95\00\00\00\a2\00\00\00\00\00\00\00\95\00\00\00\a4\00\00\00\01\00\00\00"))
