/* native.c - the functions of host.h for a plain C program: the standard
 * streams, a clock, big integers; no WebAssembly and no JavaScript. Regular
 * expressions are in native_regex.c. */
#include "host/native.h"
#include "base/fail.h"
#include "host/host.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- Output, time, WebAssembly ------------------------------------------- */

void (*host_write_hook)(int stream, const char *text, size_t n);

void host_write(int stream, const char *text, size_t n) {
  if (host_write_hook) {
    host_write_hook(stream, text, n);
    return;
  }
  FILE *file = stream == 2 ? stderr : stdout;
  fwrite(text, 1, n, file);
  fflush(file);
}

void (*host_tap_hook)(const char *text, size_t n);

void host_tap(const char *text, size_t n) {
  if (host_tap_hook)
    host_tap_hook(text, n);
}

bool (*host_poll_hook)(void);

int host_poll(void) { return host_poll_hook && host_poll_hook(); }

char *host_docs(void) { return NULL; }

double host_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* What there is of an engine: nothing. A test may have its own instead. */
#define REPLACEABLE __attribute__((weak))

REPLACEABLE
int host_patch_instantiate(const uint8_t *bytes, size_t size,
                           uintptr_t memory_base, uintptr_t table_base,
                           char *error, size_t error_size) {
  snprintf(error, error_size, "a native program cannot run WebAssembly");
  return -7;
}

int host_native_instantiate(const uint8_t *bytes, size_t size,
                            const uint32_t *slots, size_t imports,
                            size_t exports, char *error, size_t error_size) {
  return host_patch_instantiate(bytes, size, 0, 0, error, error_size);
}
REPLACEABLE
void host_native_bind(uint32_t number, uint32_t slot) {}
REPLACEABLE
void host_native_call(uint32_t slot, const char *kinds, int argc, void *words) {
  fail_unsupported("a native program cannot run WebAssembly");
}

REPLACEABLE
uintptr_t host_call(uintptr_t function, uintptr_t argument, char *error,
                    size_t error_size) {
  return ((uintptr_t (*)(uintptr_t))function)(argument);
}

int32_t host_trace(void) { return 0; }
char *host_trace_frames(int32_t handle) { return NULL; }
REPLACEABLE
int host_has_function(const char *name) { return 0; }
REPLACEABLE
uint32_t host_table_grow(uint32_t n) { return 0; }
REPLACEABLE
void host_table_clear(uint32_t first, uint32_t n) {}

/* ---- JavaScript: there is none here -------------------------------------- */

int host_js(int op, int argc, struct js_value *values) {
  if (op == JS_OP_readline) { /* nobody types there */
    values[0] = (struct js_value){0};
    return 0;
  }
  fail_unsupported("there is no JavaScript in a native build");
}

void host_js_release(int32_t handle) {}

/* ---- Big integers -------------------------------------------------------- */

/* Decimal text, digit by digit. For tests; the real host has BigInt. */

typedef struct {
  bool negative;
  size_t n;
  signed char *digits; /* least first */
} big;

static big big_of(const char *text, size_t n) {
  big b = {.negative = n && *text == '-'};
  b.n = n - b.negative;
  b.digits = calloc(b.n + 1, 1);
  for (size_t i = 0; i < b.n; i++)
    b.digits[i] = (signed char)(text[n - 1 - i] - '0');
  while (b.n > 1 && b.digits[b.n - 1] == 0)
    b.n--;
  return b;
}

static int big_compare_size(const big *a, const big *b) {
  if (a->n != b->n)
    return a->n < b->n ? -1 : 1;
  for (size_t i = a->n; i-- > 0;)
    if (a->digits[i] != b->digits[i])
      return a->digits[i] < b->digits[i] ? -1 : 1;
  return 0;
}

static void big_trim(big *b) {
  while (b->n > 1 && b->digits[b->n - 1] == 0)
    b->n--;
  if (b->n == 1 && b->digits[0] == 0)
    b->negative = false;
}

/* |a| + sign * |b|, with |a| >= |b| when sign is -1 */
static big big_combine(const big *a, const big *b, int sign) {
  size_t n = (a->n > b->n ? a->n : b->n) + 1;
  big r = {.n = n, .digits = calloc(n + 1, 1)};
  int carry = 0;
  for (size_t i = 0; i < n; i++) {
    int d = (i < a->n ? a->digits[i] : 0) +
            sign * (i < b->n ? b->digits[i] : 0) + carry;
    carry = d < 0 ? -1 : d > 9;
    r.digits[i] = (signed char)(d - 10 * carry);
  }
  big_trim(&r);
  return r;
}

static big big_add(const big *a, const big *b, bool negate) {
  bool other = b->negative != negate;
  bool swap = big_compare_size(a, b) < 0;
  big r = a->negative == other ? big_combine(a, b, 1)
          : swap               ? big_combine(b, a, -1)
                               : big_combine(a, b, -1);
  r.negative = a->negative == other || !swap ? a->negative : other;
  big_trim(&r);
  return r;
}

static big big_multiply(const big *a, const big *b) {
  big r = {.negative = a->negative != b->negative,
           .n = a->n + b->n,
           .digits = calloc(a->n + b->n + 1, 1)};
  for (size_t i = 0; i < a->n; i++) {
    int carry = 0;
    for (size_t j = 0; j < b->n || carry; j++) {
      int d = r.digits[i + j] + carry +
              (j < b->n ? a->digits[i] * b->digits[j] : 0);
      r.digits[i + j] = (signed char)(d % 10);
      carry = d / 10;
    }
  }
  big_trim(&r);
  return r;
}

static void big_divide(const big *a, const big *b, big *quot, big *rem) {
  big left = {.n = 1, .digits = calloc(b->n + 3, 1)};
  big divisor = *b;
  divisor.negative = false;
  *quot = (big){.n = a->n, .digits = calloc(a->n + 1, 1)};
  for (size_t i = a->n; i-- > 0;) {
    memmove(left.digits + 1, left.digits, left.n);
    left.digits[0] = a->digits[i];
    left.n++;
    big_trim(&left);
    while (big_compare_size(&left, &divisor) >= 0) {
      big less = big_combine(&left, &divisor, -1);
      memset(left.digits, 0, b->n + 3);
      memcpy(left.digits, less.digits, less.n);
      left.n = less.n;
      free(less.digits);
      quot->digits[i]++;
    }
  }
  quot->negative = a->negative != b->negative;
  left.negative = a->negative;
  big_trim(quot);
  big_trim(&left);
  *rem = left;
}

static bool big_is_zero(const big *b) { return b->n == 1 && b->digits[0] == 0; }

static big big_gcd(big a, big b) {
  a.negative = b.negative = false;
  while (!big_is_zero(&b)) {
    big quot, rem;
    big_divide(&a, &b, &quot, &rem);
    free(quot.digits);
    free(a.digits);
    a = b;
    b = rem;
  }
  free(b.digits);
  return a;
}

void host_big(int op, struct js_value *v) {
  big a = big_of(v[0].as.text, v[0].size), b = big_of(v[1].as.text, v[1].size);
  big r, other = {.digits = NULL};
  switch (op) {
  case 0:
  case 1:
  case 6:
    r = big_add(&a, &b, op != 0);
    break;
  case 2:
    r = big_multiply(&a, &b);
    break;
  case 3:
    big_divide(&a, &b, &r, &other);
    break;
  case 4:
    big_divide(&a, &b, &other, &r);
    break;
  default:
    r = big_gcd(a, b);
    a.digits = b.digits = NULL;
  }
  char *text = malloc(r.n + 2);
  size_t n = 0;
  if (r.negative)
    text[n++] = '-';
  for (size_t i = r.n; i-- > 0;)
    text[n++] = (char)('0' + r.digits[i]);
  v[0] = (struct js_value){JS_STRING, (uint32_t)n, {.text = text}};
  free(r.digits);
  free(other.digits);
  free(a.digits);
  free(b.digits);
}
