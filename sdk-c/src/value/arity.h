/* arity.h - C functions of 0 to JANK_MAX_ARITY arguments, as families: WebAssembly
 * checks the exact type of an indirect call, so there is one for each number. */
#ifndef JANK_VALUE_ARITY_H
#define JANK_VALUE_ARITY_H

#include "value/word.h"

/* clang-format off */
#define COUNTS(X)                                                      \
  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)              \
  X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)

/* clang-format on */
#define PARAMS_0
#define PARAMS_1 , O a0
#define PARAMS_2 PARAMS_1, O a1
#define PARAMS_3 PARAMS_2, O a2
#define PARAMS_4 PARAMS_3, O a3
#define PARAMS_5 PARAMS_4, O a4
#define PARAMS_6 PARAMS_5, O a5
#define PARAMS_7 PARAMS_6, O a6
#define PARAMS_8 PARAMS_7, O a7
#define PARAMS_9 PARAMS_8, O a8
#define PARAMS_10 PARAMS_9, O a9
#define PARAMS_11 PARAMS_10, O a10
#define PARAMS_12 PARAMS_11, O a11
#define PARAMS_13 PARAMS_12, O a12
#define PARAMS_14 PARAMS_13, O a13
#define PARAMS_15 PARAMS_14, O a14
#define PARAMS_16 PARAMS_15, O a15
#define PARAMS_17 PARAMS_16, O a16
#define PARAMS_18 PARAMS_17, O a17
#define PARAMS_19 PARAMS_18, O a18
#define PARAMS_20 PARAMS_19, O a19
#define PARAMS_21 PARAMS_20, O a20
#define NAMES_0
#define NAMES_1 , a0
#define NAMES_2 NAMES_1, a1
#define NAMES_3 NAMES_2, a2
#define NAMES_4 NAMES_3, a3
#define NAMES_5 NAMES_4, a4
#define NAMES_6 NAMES_5, a5
#define NAMES_7 NAMES_6, a6
#define NAMES_8 NAMES_7, a7
#define NAMES_9 NAMES_8, a8
#define NAMES_10 NAMES_9, a9
#define NAMES_11 NAMES_10, a10
#define NAMES_12 NAMES_11, a11
#define NAMES_13 NAMES_12, a12
#define NAMES_14 NAMES_13, a13
#define NAMES_15 NAMES_14, a14
#define NAMES_16 NAMES_15, a15
#define NAMES_17 NAMES_16, a16
#define NAMES_18 NAMES_17, a17
#define NAMES_19 NAMES_18, a18
#define NAMES_20 NAMES_19, a19
#define VALUES_0
#define VALUES_1 , a[0]
#define VALUES_2 VALUES_1, a[1]
#define VALUES_3 VALUES_2, a[2]
#define VALUES_4 VALUES_3, a[3]
#define VALUES_5 VALUES_4, a[4]
#define VALUES_6 VALUES_5, a[5]
#define VALUES_7 VALUES_6, a[6]
#define VALUES_8 VALUES_7, a[7]
#define VALUES_9 VALUES_8, a[8]
#define VALUES_10 VALUES_9, a[9]
#define VALUES_11 VALUES_10, a[10]
#define VALUES_12 VALUES_11, a[11]
#define VALUES_13 VALUES_12, a[12]
#define VALUES_14 VALUES_13, a[13]
#define VALUES_15 VALUES_14, a[14]
#define VALUES_16 VALUES_15, a[15]
#define VALUES_17 VALUES_16, a[16]
#define VALUES_18 VALUES_17, a[17]
#define VALUES_19 VALUES_18, a[18]
#define VALUES_20 VALUES_19, a[19]
#define VALUES_21 VALUES_20, a[20]

/* A family of stubs that call handler(self, argc, args). */
#define STUB(handler, n)                                                       \
  static O handler##_##n(O self PARAMS_##n) {                                  \
    O args[] = {JANK_NIL NAMES_##n};                                           \
    return handler(self, n, args + 1);                                         \
  }

#endif
