/* host_entries.c - what JavaScript calls: functions of jank, and what an
 * exception says.
 *
 * The calls catch whatever is thrown and answer with a value. Two do not.
 * jank_js_export interns a name. jank_js_show is called by the host's code for printing,
 * which jank has called: what it throws, as a lazy seq may, goes through the host's
 * frame to the handler of that print.
 */
#include "collection/seq.h"
#include "host/host.h"
#include "runtime/fn.h"
#include "runtime/js.h"
#include "runtime/print.h"
#include "runtime/report.h"
#include "runtime/stack.h"
#include "value/call.h"
#include "value/error.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

typedef struct {
  O f;
  int argc;
  struct js_value *values;
} callback;

static O run_callback(void *context) {
  callback *c = context;
  poll();
  O args = JANK_NIL;
  for (int i = c->argc; i-- > 0;)
    args = seq_cons(js_take(&c->values[i]), args);
  /* JavaScript passes more than a function may want. */
  if (is_type(c->f, JANK_TYPE_FN)) {
    code_object *code = ((fn_object *)c->f)->code;
    int most = c->argc < JANK_MAX_ARITY ? c->argc : JANK_MAX_ARITY;
    if (code->required < 0)
      for (int n = most; n >= 0; n--)
        if (fn_has_arity(code, n)) {
          O some[JANK_MAX_ARITY + 1];
          O s = args;
          for (int i = 0; i < n; i++, s = seq_next(s))
            some[i] = seq_first(s);
          return jank_call_n(c->f, n, some);
        }
  }
  return fn_apply(c->f, args);
}

int jank_js_call(O f, int argc, struct js_value *values) {
  callback c = {f, argc, values};
  O result = JANK_NIL, exception = JANK_NIL;
  if (throw_catch(run_callback, &c, &result, &exception)) {
    js_give(&values[0], result);
    return 0;
  }
  if (is_type(exception, JANK_TYPE_EXCEPTION) &&
      ((exception_object *)exception)->host != JANK_NIL)
    exception = ((exception_object *)exception)->host;
  if (error_is_interrupt(exception) && throw_handlers())
    js_interrupt(exception);
  js_give(&values[0], exception);
  if (is_type(exception, JANK_TYPE_EXCEPTION))
    values[0].kind = JS_EXCEPTION;
  return 1;
}

typedef struct {
  callback call;
  const char *name;
} named_call;

static O run_named(void *context) {
  named_call *c = context;
  const char *slash = strchr(c->name, '/');
  if (!slash || slash == c->name || !slash[1])
    error_throw("IllegalArgumentException", "expected namespace/name, got %s",
                c->name);
  string_object *ns = string_make(c->name, (size_t)(slash - c->name));
  c->call.f = jank_deref_var(ns->text, slash + 1);
  return run_callback(&c->call);
}

int jank_js_call_var(const char *name, int argc, struct js_value *values) {
  named_call c = {{JANK_NIL, argc, values}, name};
  O result = JANK_NIL, exception = JANK_NIL;
  if (throw_catch(run_named, &c, &result, &exception)) {
    js_give(&values[0], result);
    return 0;
  }
  report_set_error(exception, "run", NULL);
  return 1;
}

const char *jank_js_exception_text(O exception, int part) {
  exception_object *e = (exception_object *)exception;
  if (part == 0)
    return e->class_name->text;
  if (part == 2)
    return ((string_object *)stack_text(exception))->text;
  return is_type(e->message, JANK_TYPE_STRING)
             ? ((string_object *)e->message)->text
             : "";
}

void jank_js_export(const char *ns, const char *name, struct js_value *value) {
  O f = jank_deref_var("clojure.core", "js-export*");
  js_give(value, jank_call1(f, jank_var_intern_c(ns, name)));
}

const char *jank_js_show(O value) { return print_within_js(value); }

void *jank_handlers(void) { return throw_handlers(); }

void jank_set_handlers(void *handlers) { throw_set_handlers(handlers); }
