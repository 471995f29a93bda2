/* math.c - the names of java.lang.Math, as Math/sqrt and as clojure.math/sqrt,
 * and System/currentTimeMillis and nanoTime. All take any number; all but abs,
 * max, min and round give doubles. */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "host/host.h"
#include "value/box.h"
#include "value/word.h"
#include <math.h>
#include <time.h>

#define UNARY(X)                                                               \
  X(sqrt)                                                                      \
  X(cbrt)                                                                      \
  X(exp)                                                                       \
  X(expm1)                                                                     \
  X(log)                                                                       \
  X(log10)                                                                     \
  X(log1p)                                                                     \
  X(sin)                                                                       \
  X(cos)                                                                       \
  X(tan)                                                                       \
  X(asin)                                                                      \
  X(acos)                                                                      \
  X(atan)                                                                      \
  X(sinh)                                                                      \
  X(cosh)                                                                      \
  X(tanh)                                                                      \
  X(floor)                                                                     \
  X(ceil)                                                                      \
  X(rint)
#define BINARY(X)                                                              \
  X(atan2)                                                                     \
  X(hypot)

#define DEFINE_UNARY(f)                                                        \
  static O math_##f(O self, O x) {                                             \
    return jank_box_double(f(jank_unbox_double(x)));                           \
  }
UNARY(DEFINE_UNARY)

#define DEFINE_BINARY(f)                                                       \
  static O math_##f(O self, O x, O y) {                                        \
    return jank_box_double(f(jank_unbox_double(x), jank_unbox_double(y)));     \
  }
BINARY(DEFINE_BINARY)

/* Java has NaN where C has 1: 1 to the power of an infinity or NaN. */
static O math_pow(O self, O x, O y) {
  double base = jank_unbox_double(x), power = jank_unbox_double(y);
  bool undefined = isnan(power) || (fabs(base) == 1 && isinf(power));
  return jank_box_double(undefined ? (double)NAN : pow(base, power));
}

static O math_signum(O self, O x) {
  double d = jank_unbox_double(x);
  return jank_box_double(d > 0 ? 1 : d < 0 ? -1 : d);
}
static O math_to_radians(O self, O x) {
  return jank_box_double(jank_unbox_double(x) * (M_PI / 180));
}
static O math_to_degrees(O self, O x) {
  return jank_box_double(jank_unbox_double(x) * (180 / M_PI));
}

/* To the nearest integer, halves up; beyond 64 bits the last one there is. */
static O math_round(O self, O x) {
  if (box_is_integer(x))
    return x;
  double d = jank_unbox_double(x), down = floor(d);
  double r = d - down >= 0.5 ? down + 1 : down;
  return jank_box_integer(isnan(d)      ? 0
                          : r >= 0x1p63 ? INT64_MAX
                          : r < -0x1p63 ? INT64_MIN
                                        : (int64_t)r);
}

static O core(const char *name, int argc, O *args) {
  return jank_call_var("clojure.core", name, argc, args);
}
static O math_abs(O self, O x) { return core("abs", 1, &x); }
static O math_max(O self, O x, O y) { return core("max", 2, (O[]){x, y}); }
static O math_min(O self, O x, O y) { return core("min", 2, (O[]){x, y}); }
static O math_random(O self) { return core("rand", 0, NULL); }
static O math_floor_div(O self, O x, O y) {
  O m = core("mod", 2, (O[]){x, y});
  return core("quot", 2, (O[]){jank_sub(x, m), y});
}
static O math_floor_mod(O self, O x, O y) {
  return core("mod", 2, (O[]){x, y});
}

static O current_time_millis(O self) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return jank_box_integer((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}
static O nano_time(O self) {
  return jank_box_integer((int64_t)(host_now() * 1e6));
}

/* Under both names, of which the second has the doc. */
#define JAVA(name, arglist, fn) BUILTIN("Math", name, arglist, fn)
#define BOTH(java, name, arglist, fn, doc)                                     \
  JAVA(java, arglist, fn), MATH(name, arglist, fn, doc)

const struct patch_symbol math_builtins[] = {
    BOTH("sqrt", "sqrt", "[a]", math_sqrt,
         "The square root. ##NaN for a negative number."),
    BOTH("cbrt", "cbrt", "[a]", math_cbrt, "The cube root."),
    BOTH("exp", "exp", "[a]", math_exp, "e raised to the power of a."),
    BOTH("expm1", "expm1", "[x]", math_expm1,
         "e raised to the power of x, less 1; exact for small x as well."),
    BOTH("log", "log", "[a]", math_log,
         "The natural logarithm. ##NaN for a negative number, ##-Inf for 0."),
    BOTH(
        "log10", "log10", "[a]", math_log10,
        "The logarithm to base 10. ##NaN for a negative number, ##-Inf for 0."),
    BOTH("log1p", "log1p", "[x]", math_log1p,
         "The natural logarithm of 1 + x; exact for small x as well."),
    BOTH("sin", "sin", "[a]", math_sin, "The sine of an angle in radians."),
    BOTH("cos", "cos", "[a]", math_cos, "The cosine of an angle in radians."),
    BOTH("tan", "tan", "[a]", math_tan, "The tangent of an angle in radians."),
    BOTH("asin", "asin", "[a]", math_asin,
         "The angle in radians, from -pi/2 to pi/2, whose sine is a. ##NaN "
         "when a is not from -1 to 1."),
    BOTH("acos", "acos", "[a]", math_acos,
         "The angle in radians, from 0 to pi, whose cosine is a. ##NaN when a "
         "is not from -1 to 1."),
    BOTH("atan", "atan", "[a]", math_atan,
         "The angle in radians, from -pi/2 to pi/2, whose tangent is a."),
    BOTH("sinh", "sinh", "[x]", math_sinh, "The hyperbolic sine."),
    BOTH("cosh", "cosh", "[x]", math_cosh, "The hyperbolic cosine."),
    BOTH("tanh", "tanh", "[x]", math_tanh, "The hyperbolic tangent."),
    BOTH("floor", "floor", "[a]", math_floor,
         "The greatest whole number that is not greater than a, as a double."),
    BOTH("ceil", "ceil", "[a]", math_ceil,
         "The least whole number that is not less than a, as a double."),
    BOTH("rint", "rint", "[a]", math_rint,
         "The nearest whole number, the even one of two, as a double."),
    BOTH("atan2", "atan2", "[y x]", math_atan2,
         "The angle in radians, from -pi to pi, from the positive x axis to "
         "the point (x, y)."),
    BOTH("hypot", "hypot", "[x y]", math_hypot,
         "The length of the hypotenuse: the square root of x squared and y "
         "squared."),
    BOTH("pow", "pow", "[a b]", math_pow, "a raised to the power of b."),
    BOTH("signum", "signum", "[d]", math_signum,
         "1.0 for a number above 0, -1.0 for one below; 0.0, -0.0 and ##NaN as "
         "they are."),
    BOTH("toRadians", "to-radians", "[deg]", math_to_radians,
         "The angle in degrees as radians."),
    BOTH("toDegrees", "to-degrees", "[r]", math_to_degrees,
         "The angle in radians as degrees."),
    BOTH("round", "round", "[a]", math_round,
         "The nearest integer, the greater one of two. 0 for ##NaN; out of "
         "range, the nearest integer of 64 bits."),
    BOTH("random", "random", "[]", math_random,
         "A random floating-point number from 0.0 up to, and without, 1.0."),
    BOTH("floorDiv", "floor-div", "[x y]", math_floor_div,
         "The quotient of two integers, rounded down. Throws "
         "ArithmeticException when y is 0."),
    BOTH("floorMod", "floor-mod", "[x y]", math_floor_mod,
         "The remainder of floor-div: it has the sign of y. Throws "
         "ArithmeticException when y is 0."),
    JAVA("abs", "[a]", math_abs),
    JAVA("max", "[a b]", math_max),
    JAVA("min", "[a b]", math_min),
    BUILTIN("System", "currentTimeMillis", "[]", current_time_millis),
    BUILTIN("System", "nanoTime", "[]", nano_time),
    {0},
};
