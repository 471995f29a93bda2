(module
  (type $t0 (func))
  (type $t1 (func (param i32 i32) (result i32)))
  (type $t2 (func (param i32) (result i32)))
  (type $t3 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_poll" (func $env.jank_poll (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t2)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t3)))
  (func $user/last-of__recur.jank:2_ (type $t3) (param $self i32) (param $x i32) (param $more i32) (result i32)
    (local $l3 i32) (local $l4 i32) (local $l5 i32) (local $l6 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l3
    global.get $env.__memory_base
    i32.load offset=136
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
    i32.store offset=136
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
    local.get $more
    i32.store
    global.get $env.__memory_base
    i32.load offset=140
    local.set $l4
    loop $L1 (result i32)
      local.get $l4
      i32.const 0
      i32.le_s
      if $I2
        call $env.jank_poll
        i32.const 4096
        local.set $l4
      end
      loop $L3 (result i32)
        local.get $more
        i32.const -3
        i32.and
        if $I4 (result i32)
          global.get $env.__memory_base
          i32.load offset=152
          i32.load offset=12
          local.tee $l5
          local.get $more
          local.get $l5
          i32.load offset=8
          i32.load offset=28
          call_indirect $env.__indirect_function_table (type $t1)
          local.set $l5
          local.get $l3
          local.get $l5
          i32.store offset=4
          local.get $l5
          global.get $env.__memory_base
          i32.load offset=156
          i32.load offset=12
          local.tee $l6
          local.get $more
          local.get $l3
          i32.const 0
          i32.store
          local.get $l6
          i32.load offset=8
          i32.load offset=28
          call_indirect $env.__indirect_function_table (type $t1)
          local.set $more
          local.get $l3
          local.get $more
          i32.store
          local.set $x
          local.get $l4
          i32.const 1
          i32.sub
          local.tee $l4
          br_if $L3
          br $L1
        else
          local.get $x
        end
      end
    end
    global.get $env.__memory_base
    local.get $l4
    i32.store offset=140
    local.get $l3
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $jank_patch_symbols_golden (type $t2) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/last-of__recur.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00B\00\00\00\90\00\00\00\88\00\00\00p\00\00\00\02\00\00\00\04\09\09user\0flast-of\15\01\01\02\03x\09more\15recur.jank\02\01\09\19clojure.core\0bfirst\09\0c\09nextuser/last-of\002\00meta\00\00\00Z\00\00\00g\00\00\00\00\00\00\00Z\00\00\00i\00\00\00\01\00\00\00"))
