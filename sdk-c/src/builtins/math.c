/* math.c - the names of java.lang.Math, as Math/sqrt and as clojure.math/sqrt,
 * and System/currentTimeMillis and nanoTime. All take any number; all but abs,
 * max, min and round give doubles. */
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

#define JAVA(name, signature, f)                                               \
  { "Math/" name, signature, (void *)f }
#define BOTH(name, lisp, signature, f)                                         \
  {"Math/" name, signature, (void *)f}, {                                      \
    "clojure.math/" lisp, signature, (void *)f                                 \
  }
#define LIST_UNARY(f) BOTH(#f, #f, "1", math_##f),
#define LIST_BINARY(f) BOTH(#f, #f, "2", math_##f),

const struct patch_symbol math_builtins[] = {
    UNARY(LIST_UNARY) BINARY(LIST_BINARY) //
    BOTH("pow", "pow", "2", math_pow),
    BOTH("signum", "signum", "1", math_signum),
    BOTH("toRadians", "to-radians", "1", math_to_radians),
    BOTH("toDegrees", "to-degrees", "1", math_to_degrees),
    BOTH("round", "round", "1", math_round),
    BOTH("random", "random", "0", math_random),
    BOTH("floorDiv", "floor-div", "2", math_floor_div),
    BOTH("floorMod", "floor-mod", "2", math_floor_mod),
    JAVA("abs", "1", math_abs),
    JAVA("max", "2", math_max),
    JAVA("min", "2", math_min),
    {"System/currentTimeMillis", "0", (void *)current_time_millis},
    {"System/nanoTime", "0", (void *)nano_time},
    {0},
};
