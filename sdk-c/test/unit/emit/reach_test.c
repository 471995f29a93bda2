/* What of a program is needed when it runs: not its macros, nor what only they use;
 * and which methods may be small: those that run for a macro, or once. */
#include "emit/program.h"
#include "emit/reach.h"
#include "runtime/var.h"
#include "value/word.h"

/* A var that an earlier form uses is not a definition: so the users come last. */
static const char source[] = "(def deep* (fn* [a] a))\n"
                             "(def inner* (fn* [a] (deep* a)))\n"
                             "(def plain (fn* [a] (inner* a)))\n"
                             "(def unused* (fn* [a] a))\n"
                             "(def both* (fn* [c] c))\n"
                             "(def helper* (fn* [c] (both* c)))\n"
                             "(def expands* (fn* [c] c))\n"
                             "(def ^:macro when-so (fn* [form env c] (list "
                             "'user/expands* (helper* c))))\n"
                             "(def js-export* (fn* [c] c))\n";

typedef struct {
  program *p;
  bool *needed, *cold;
} reached;

static reached reach_of(const char *text) {
  reached r = {.p = program_of(text)};
  r.needed = reach_at_run_time(r.p);
  r.cold = reach_cold_methods(r.p);
  return r;
}

static int definition_of(const reached *r, const char *name) {
  for (int i = 0; i < r->p->definition_count; i++)
    if (strcmp(r->p->definitions[i].var->name->name->text, name) == 0)
      return i;
  CHECK(!"defined");
  return 0;
}

static bool needs(const reached *r, const char *name) {
  return r->needed[definition_of(r, name)];
}

static bool is_cold(const reached *r, const char *name) {
  const fn_node *fn = r->p->definitions[definition_of(r, name)].fn;
  return r->cold[fn->methods[0]->index];
}

static void declare(void) { /* so that they can be used before they are there */
  static const char *const names[] = {
      "plain", "inner*",   "deep*", "unused*", "helper*",
      "both*", "expands*", "f*",    "when-so", "js-export*"};
  for (size_t i = 0; i < COUNT(names); i++)
    jank_var_intern_c("user", names[i]);
}

static void a_function_is_needed_by_its_name_or_by_one_that_is(void) {
  declare();
  reached r = reach_of(source);
  CHECK(r.p->definition_count == 9);
  CHECK(needs(&r, "plain") && needs(&r, "inner*") && needs(&r, "deep*"));
  CHECK(!needs(&r, "unused*"));
  CHECK(needs(&r, "js-export*")); /* C calls it */
  ast_program_free(r.p);
}

static void a_macro_is_not_needed_nor_what_only_macros_use(void) {
  declare();
  reached r = reach_of(source);
  CHECK(((var_object *)jank_var_intern_c("user", "when-so"))->header.flags &
        VAR_MACRO);
  CHECK(!needs(&r, "when-so") && !needs(&r, "helper*") && !needs(&r, "both*"));
  CHECK(needs(&r, "expands*")); /* its expansion names it */
  ast_program_free(r.p);
}

static void what_a_form_uses_is_needed(void) {
  declare();
  reached r = reach_of("(def f* (fn* [] 1))\n(first [(f*)])");
  CHECK(needs(&r, "f*"));
  ast_program_free(r.p);
  r = reach_of("(def f* (fn* [] 1))\n(first ['(user/f*)])");
  CHECK(needs(&r, "f*")); /* by its name in a constant */
  ast_program_free(r.p);
  r = reach_of("(def f* (fn* [] 1))\n(first [#'f*])");
  CHECK(needs(&r, "f*"));
  ast_program_free(r.p);
  r = reach_of("(def f* (fn* [] 1))\n(first [1])");
  CHECK(!needs(&r, "f*"));
  ast_program_free(r.p);
}

static void a_circle_of_functions_ends(void) {
  declare();
  reached r = reach_of("(def inner* (fn* [a] (inner* a)))\n"
                       "(def plain (fn* [] (inner* 1)))");
  CHECK(needs(&r, "inner*"));
  ast_program_free(r.p);
  r = reach_of("(def inner* (fn* [a] (inner* a)))");
  CHECK(!needs(&r, "inner*")); /* its own use is none */
  ast_program_free(r.p);
}

static void what_runs_once_or_for_a_macro_may_be_small(void) {
  declare();
  reached r = reach_of("(def plain (fn* [a] a))\n(def helper* (fn* [c] (fn* [] "
                       "c)))\n(first [1])");
  CHECK(!is_cold(&r, "plain") && is_cold(&r, "helper*"));
  CHECK(r.cold[r.p->forms[0]->index]);
  int cold = 0;
  for (int i = 0; i < r.p->method_count; i++)
    cold += r.cold[i];
  CHECK(cold == 3); /* helper*, the function in it, the form */
  ast_program_free(r.p);
}

static void in_the_library_what_has_a_loop_stays_fast(void) {
  ns_set_current(ns_from_name("clojure.test-reach"));
  static const char text[] =
      "(def short (fn* [a] a))\n"
      "(def looping (fn* [a] (loop* [i a] (if i (recur nil) i))))\n"
      "(def again (fn* [a] (if a (recur nil) a)))\n"
      "(def closing (fn* [a] (fn* [] a)))";
  reached r = reach_of(text);
  CHECK(is_cold(&r, "short") && !is_cold(&r, "looping") &&
        !is_cold(&r, "again"));
  CHECK(is_cold(&r, "closing"));
  for (int i = 0; i < r.p->method_count; i++) /* what it does for each item */
    CHECK(r.p->methods[i]->required != 0 || !r.cold[i]);
  ast_program_free(r.p);
  ns_set_current(ns_from_name("user"));
  r = reach_of(text);
  CHECK(!is_cold(&r, "short") && !is_cold(&r, "closing"));
  ast_program_free(r.p);
}

static const struct test tests[] = {
    TEST(a_function_is_needed_by_its_name_or_by_one_that_is),
    TEST(a_macro_is_not_needed_nor_what_only_macros_use),
    TEST(what_a_form_uses_is_needed),
    TEST(a_circle_of_functions_ends),
    TEST(what_runs_once_or_for_a_macro_may_be_small),
    TEST(in_the_library_what_has_a_loop_stays_fast),
};

MAIN(start_compiler, tests)
