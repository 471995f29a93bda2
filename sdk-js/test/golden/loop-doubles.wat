(module
  (type $t0 (func (param i32) (result f64)))
  (type $t1 (func (param i32) (result i64)))
  (type $t2 (func))
  (type $t3 (func (param f64) (result i32)))
  (type $t4 (func (param i32 i32 i32) (result i32)))
  (type $t5 (func (param i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_raw_double" (func $env.jank_raw_double (type $t0)))
  (import "env" "jank_raw_long" (func $env.jank_raw_long (type $t1)))
  (import "env" "jank_poll" (func $env.jank_poll (type $t2)))
  (import "env" "jank_box_double" (func $env.jank_box_double (type $t3)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t4)))
  (func $user/halve__loop-doubles.jank:2_ (type $t4) (param $self i32) (param $x i32) (param $times i32) (result i32)
    (local $l3 i32) (local $l4 i32) (local $l5 i32) (local $l6 i32) (local $l7 i32) (local $l8 i32) (local $l9 i64) (local $l10 i64) (local $l11 i64) (local $l12 i64) (local $l13 i64) (local $l14 i64) (local $l15 i64) (local $l16 i64) (local $l17 i64) (local $l18 i64) (local $l19 i64) (local $l20 f64) (local $l21 f64) (local $l22 f64) (local $l23 f64)
    global.get $env.__stack_pointer
    i32.const 16
    i32.sub
    local.tee $l7
    global.set $env.__stack_pointer
    local.get $l7
    local.get $times
    i32.store
    local.get $x
    call $env.jank_raw_double
    local.get $l7
    i32.const 16
    i32.add
    global.set $env.__stack_pointer
    local.set $l21
    local.get $times
    i32.const 1
    i32.and
    if $I0 (result i64)
      local.get $times
      i32.const 1
      i32.shr_s
      i64.extend_i32_s
    else
      local.get $times
      call $env.jank_raw_long
    end
    local.set $l16
    local.get $l21
    local.set $l22
    i64.const 0
    local.set $l18
    global.get $env.__memory_base
    i32.load offset=164
    local.set $l8
    loop $L1 (result i32)
      local.get $l18
      local.get $l16
      i64.lt_s
      if $I2 (result i64)
        local.get $l16
        local.get $l18
        i64.sub
        local.tee $l17
        i64.const 4096
        i64.lt_u
        if $I3 (result i64)
          local.get $l17
        else
          i64.const 4096
        end
      else
        i64.const 0
      end
      local.set $l17
      local.get $l8
      local.get $l17
      i32.wrap_i64
      i32.sub
      local.set $l8
      local.get $l17
      local.get $l18
      i64.add
      local.set $l17
      local.get $l8
      i32.const 0
      i32.le_s
      if $I4
        call $env.jank_poll
        i32.const 4096
        local.set $l8
      end
      loop $L5 (result i32)
        local.get $l18
        local.get $l17
        i64.lt_s
        if $I6 (result i32)
          local.get $l22
          f64.const 0x1p-1 (;=0.5;)
          f64.mul
          local.set $l23
          local.get $l18
          i64.const 1
          i64.add
          local.set $l19
          local.get $l23
          local.set $l22
          local.get $l19
          local.set $l18
          br $L5
        else
          local.get $l18
          local.get $l16
          i64.lt_s
          br_if $L1
          local.get $l22
          local.set $l20
          local.get $l20
          call $env.jank_box_double
        end
      end
    end
    global.get $env.__memory_base
    local.get $l8
    i32.store offset=164)
  (func $jank_patch_symbols_golden (type $t5) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user/halve__loop-doubles.jank:2_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00[\00\00\00\a8\00\00\00\a0\00\00\00\88\00\00\00\02\00\00\00\03\09\09user\0bhalve\15\01\01\02\00\0e\08\00\03x\0c\01\07\00\07tag\08\00\0ddouble\00\0e\08\00\0btimes\0c\01\07\00\08\08\00\09long#loop-doubles.jank\02\01\04\00\00\00\00\00\00\e0?user/halve\002\00meta\00\00\00\00s\00\00\00~\00\00\00\00\00\00\00s\00\00\00\80\00\00\00\01\00\00\00"))
