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
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user/constants__constants.jank:2_ (type $t1) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32)
    global.get $env.__stack_pointer
    i32.const 64
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=176
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
    i32.store offset=176
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
    local.get $l1
    i64.const 0
    i64.store offset=48
    local.get $l1
    i64.const 0
    i64.store offset=56
    local.get $l1
    i32.const 0
    i32.store
    local.get $l1
    i32.const 6
    i32.store offset=4
    local.get $l1
    i32.const 85
    i32.store offset=8
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=192
    i32.store offset=12
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=196
    i32.store offset=16
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=200
    i32.store offset=20
    local.get $l1
    i32.const 24842
    i32.store offset=24
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=204
    i32.store offset=28
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=208
    i32.store offset=32
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=212
    i32.store offset=36
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=216
    i32.store offset=40
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=220
    i32.store offset=44
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=224
    i32.store offset=48
    i32.const 13
    local.get $l1
    i32.const 0
    i32.add
    call $env.jank_make_vector
    local.get $l1
    i32.const 64
    i32.add
    global.set $env.__stack_pointer)
  (func $jank_patch_symbols_golden (type $t1) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/constants__constants.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00j\00\00\00\b8\00\00\00\b0\00\00\00\98\00\00\00\02\00\00\00\0b\09\09user\13constants\15\01\01\00\1dconstants.jank\02\01\03\b5\b8\f0\fe-\04\00\00\00\00\00\00\f8?\12\071/2\07\00\07key\07\0bother\0a\08\00\0dsymbol\06\09text\11\07re+\0c\01\07\00\03a\0b\03\03\01\03\02\03\03user/constants\000\00meta\00\82\00\00\00\91\00\00\00\00\00\00\00\82\00\00\00\93\00\00\00\01\00\00\00"))
