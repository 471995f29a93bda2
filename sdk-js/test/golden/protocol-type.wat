(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32 i32 i32 i32 i32) (result i32)))
  (type $t2 (func (param i32) (result i32)))
  (type $t3 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_var_reset_meta" (func $env.jank_var_reset_meta (type $t0)))
  (import "env" "jank_var_bind_root" (func $env.jank_var_bind_root (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t2)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t3)))
  (func $user__protocol-type.jank:4_ (type $t2) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i32) (local $l4 i32) (local $l5 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l2
    global.get $env.__memory_base
    i32.load offset=152
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
    i32.store offset=152
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
    global.get $env.__memory_base
    i32.load offset=160
    global.get $env.__memory_base
    i32.load offset=164
    call $env.jank_var_reset_meta
    local.set $l1
    local.get $l2
    local.get $l1
    i32.store
    global.get $env.__memory_base
    i32.load offset=160
    global.get $env.__memory_base
    i32.load offset=184
    i32.load offset=12
    local.tee $l4
    local.get $l1
    local.get $l4
    i32.load offset=8
    i32.load offset=28
    call_indirect $env.__indirect_function_table (type $t0)
    i32.const -3
    i32.and
    if $I1 (result i32)
      global.get $env.__memory_base
      i32.load offset=188
      i32.load offset=12
      local.tee $l4
      local.get $l1
      local.get $l2
      i32.const 0
      i32.store
      local.get $l4
      i32.load offset=8
      i32.load offset=28
      call_indirect $env.__indirect_function_table (type $t0)
    else
      i32.const 0
    end
    local.set $l4
    global.get $env.__memory_base
    i32.load offset=172
    i32.load offset=12
    local.tee $l5
    global.get $env.__memory_base
    i32.load offset=176
    global.get $env.__memory_base
    i32.load offset=180
    i32.const 0
    local.get $l4
    local.get $l5
    i32.load offset=8
    i32.load offset=40
    call_indirect $env.__indirect_function_table (type $t1)
    call $env.jank_var_bind_root
    global.get $env.__memory_base
    i32.load offset=168
    call $env.jank_var_reset_meta
    local.get $l2
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user__init_ (type $t2) (param $p0 i32) (result i32)
    local.get $p0
    call $user__protocol-type.jank:4_)
  (func $jank_patch_symbols_golden (type $t2) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user__protocol-type.jank:4_ $user__init_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00i\00\00\00\a0\00\00\00\98\00\00\00\8c\00\00\00\01\00\00\00\08\09\09user\0dSquare\15\00%protocol-type.jank\04\01\15\00\06\00\01\09\19clojure.core\0dclass*\08\00\17user.Square\0b\01\08\00\09side\09\08\0dbound?\09\08\0fvar-getuser\00init\00\00\81\00\00\00\86\00\00\00\01\00\00\00"))

(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32 i32 i32 i32) (result i32)))
  (type $t2 (func (param i32) (result i32)))
  (type $t3 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_make_vector" (func $env.jank_make_vector (type $t0)))
  (import "env" "jank_make_map" (func $env.jank_make_map (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t2)))
  (import "env" "jank_field" (func $env.jank_field (type $t0)))
  (import "env" "jank_mul" (func $env.jank_mul (type $t0)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t3)))
  (func $user__protocol-type.jank:4_ (type $t2) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i32) (local $l4 i32) (local $l5 i32) (local $l6 i32)
    global.get $env.__stack_pointer
    i32.const 48
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=116
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
    i32.store offset=116
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
    global.get $env.__memory_base
    i32.load offset=128
    i32.load offset=8
    local.set $l3
    local.get $l1
    local.get $l3
    i32.store
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=132
    i32.load offset=8
    i32.store offset=4
    i32.const 1
    local.get $l1
    i32.const 4
    i32.add
    call $env.jank_make_vector
    local.set $l4
    local.get $l1
    local.get $l4
    i32.store offset=4
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=136
    i32.store offset=8
    local.get $l1
    global.get $env.__memory_base
    i32.load offset=140
    i32.store offset=12
    i32.const 1
    local.get $l1
    i32.const 8
    i32.add
    call $env.jank_make_map
    local.set $l5
    global.get $env.__memory_base
    i32.load offset=124
    i32.load offset=12
    local.tee $l6
    local.get $l3
    local.get $l4
    local.get $l5
    local.get $l1
    i32.const 0
    i32.store
    local.get $l1
    i32.const 0
    i32.store offset=4
    local.get $l6
    i32.load offset=8
    i32.load offset=36
    call_indirect $env.__indirect_function_table (type $t1)
    local.get $l1
    i32.const 48
    i32.add
    global.set $env.__stack_pointer)
  (func $user/fn--1__protocol-type.jank:4_ (type $t0) (param $self i32) (param $this__1 i32) (result i32)
    (local $l2 i32) (local $l3 i32) (local $l4 i64) (local $l5 i64) (local $l6 i64) (local $l7 i32) (local $l8 i32)
    local.get $this__1
    local.set $l2
    global.get $env.__stack_pointer
    i32.const 16
    i32.sub
    local.tee $l3
    global.set $env.__stack_pointer
    local.get $l3
    local.get $this__1
    i32.store
    local.get $this__1
    i32.const 1
    call $env.jank_field
    local.get $l3
    i32.const 16
    i32.add
    global.set $env.__stack_pointer
    local.set $l7
    global.get $env.__stack_pointer
    i32.const 16
    i32.sub
    local.tee $l3
    global.set $env.__stack_pointer
    local.get $l3
    local.get $l7
    i32.store
    local.get $this__1
    i32.const 1
    call $env.jank_field
    local.get $l3
    i32.const 16
    i32.add
    global.set $env.__stack_pointer
    local.set $l8
    block $B0 (result i32)
      block $B1
        local.get $l7
        local.get $l8
        i32.and
        i32.const 1
        i32.and
        i32.eqz
        br_if $B1
        local.get $l7
        i32.const 1
        i32.shr_s
        i64.extend_i32_s
        local.get $l8
        i32.const 1
        i32.sub
        i64.extend_i32_s
        i64.mul
        local.tee $l4
        i32.wrap_i64
        i64.extend_i32_s
        local.get $l4
        i64.ne
        br_if $B1
        local.get $l4
        i32.wrap_i64
        i32.const 1
        i32.or
        br $B0
      end
      local.get $l7
      local.get $l8
      call $env.jank_mul
    end)
  (func $user__init_ (type $t2) (param $p0 i32) (result i32)
    local.get $p0
    call $user__protocol-type.jank:4_)
  (func $jank_patch_symbols_golden (type $t2) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user__protocol-type.jank:4_ $user/fn--1__protocol-type.jank:4_ $user__init_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00D\00\00\00|\00\00\00t\00\00\00h\00\00\00\01\00\00\00\05\09\19clojure.core\1dclass-methods*\09\09user\0dSquare\09\06\0bShape\08\00\09area\10\06\05fn\031\01\02\01user\00init\00\00\00\5c\00\00\00a\00\00\00\02\00\00\00"))

(module
  (type $t0 (func (param i32 i32) (result i32)))
  (type $t1 (func (param i32) (result i32)))
  (type $t2 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_var_bind_root" (func $env.jank_var_bind_root (type $t0)))
  (import "env" "jank_var_reset_meta" (func $env.jank_var_reset_meta (type $t0)))
  (import "env" "jank_check_stack" (func $env.jank_check_stack (type $t1)))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t2)))
  (func $user__protocol-type.jank:4_ (type $t1) (param $self i32) (result i32)
    (local $l1 i32) (local $l2 i32) (local $l3 i32)
    global.get $env.__stack_pointer
    i32.const 32
    i32.sub
    local.tee $l1
    global.get $env.__memory_base
    i32.load offset=128
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
    i32.store offset=128
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
    i32.load offset=136
    global.get $env.__memory_base
    i32.load offset=144
    i32.load offset=12
    local.tee $l3
    global.get $env.__memory_base
    i32.load offset=148
    i32.load offset=8
    local.get $l3
    i32.load offset=8
    i32.load offset=28
    call_indirect $env.__indirect_function_table (type $t0)
    call $env.jank_var_bind_root
    global.get $env.__memory_base
    i32.load offset=140
    call $env.jank_var_reset_meta
    local.get $l1
    i32.const 32
    i32.add
    global.set $env.__stack_pointer)
  (func $user__init_ (type $t1) (param $p0 i32) (result i32)
    local.get $p0
    call $user__protocol-type.jank:4_)
  (func $jank_patch_symbols_golden (type $t1) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user__protocol-type.jank:4_ $user__init_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00R\00\00\00\88\00\00\00\80\00\00\00t\00\00\00\01\00\00\00\04\09\09user\11->Square\15\01\01\01\09side%protocol-type.jank\04\01\09\19clojure.core\19constructor*\09\02\0dSquareuser\00init\00j\00\00\00o\00\00\00\01\00\00\00"))

(module
  (type $t0 (func (param i32) (result i32)))
  (type $t1 (func (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory $env.memory 0))
  (import "env" "__indirect_function_table" (table $env.__indirect_function_table 0 funcref))
  (import "env" "__stack_pointer" (global $env.__stack_pointer (mut i32)))
  (import "env" "__memory_base" (global $env.__memory_base i32))
  (import "env" "__table_base" (global $env.__table_base i32))
  (import "env" "jank_patch_open" (func $env.jank_patch_open (type $t1)))
  (func $user__protocol-type.jank:4_ (type $t0) (param $self i32) (result i32)
    (local $l1 i32)
    global.get $env.__memory_base
    i32.load offset=68
    i32.load offset=8)
  (func $user__init_ (type $t0) (param $p0 i32) (result i32)
    local.get $p0
    call $user__protocol-type.jank:4_)
  (func $jank_patch_symbols_golden (type $t0) (param $p0 i32) (result i32)
    global.get $env.__memory_base
    global.get $env.__table_base
    local.get $p0
    call $env.jank_patch_open)
  (export "jank_patch_symbols_golden" (func $jank_patch_symbols_golden))
  (elem $e0 (global.get $env.__table_base) func $user__protocol-type.jank:4_ $user__init_)
  (data $d0 (global.get $env.__memory_base) "\18\00\00\00\0e\00\00\00D\00\00\00<\00\00\000\00\00\00\01\00\00\00\01\09\09user\0dSquareuser\00init\00&\00\00\00+\00\00\00\01\00\00\00"))
