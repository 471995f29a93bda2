/* A program as C: one file with the same entry, the constants in it; every value in
 * its order of evaluation; names and texts of the source cannot end a comment, a text
 * or a name; the same each time. */
#include "emit/c.h"
#include "emit/pool_encode.h"
#include "emit/program.h"
#include "value/word.h"
#include <ctype.h>

static char *file = "test.jank";

/* The caller frees it. */
static buffer c_of(const char *source, const char *name) {
  program *p = program_of(source);
  buffer out = {0};
  p->file = file;
  emit_c(p, name, &out);
  buffer_cstring(&out);
  ast_program_free(p);
  return out;
}

static bool has(const char *source, const char *part) {
  buffer text = c_of(source, "t");
  bool found = strstr(text.data, part) != NULL;
  if (!found)
    fprintf(stderr, "%s\n  has not: %s\n", strstr(text.data, "JANK_COLD_CALLS"),
            part);
  buffer_free(&text);
  return found;
}

/* In (def f (fn* [a b] ...)). */
static bool emits(const char *expression, const char *part) {
  char source[600];
  snprintf(source, sizeof source, "(def f (fn* [a b] %s))", expression);
  return has(source, part);
}

static void a_file_has_its_parts(void) {
  buffer text = c_of("(def f (fn* [a] a))\n(def x (f 1))", "t");
  static const char *const parts[] = {
      "/* Emitted by the jank compiler from \"test.jank\". */\n",
      "#include \"jank_aot.h\"\n",
      "static const unsigned char patch_t_pool[] = {",
      "static jank_object *patch_t_words[",
      "static jank_object *patch_t_f0(jank_object *self, jank_object *l0_a)",
      "static void *const patch_t_functions[] = {\n    (void *)patch_t_f0,",
      "JANK_COLD_CALLS(patch_t)",
      "JANK_CHECK_STACK(patch_t_limit);",
      "static jank_object *patch_t_init(jank_object *self) {",
      "{\"user\", \"init\", (void *)patch_t_init}",
      "struct patch_symbol *jank_patch_symbols_t(int *count) {",
      "jank_patch_link(patch_t_pool, sizeof patch_t_pool, patch_t_words, ",
      "patch_t_functions, 2);",
      "*count = 1;"};
  const char *at = text.data;
  for (size_t i = 0; i < COUNT(parts); i++) {
    const char *found = strstr(text.data, parts[i]);
    CHECK(found != NULL);
  }
  CHECK(at && text.data[text.size - 1] == '\n');
  buffer_free(&text);
  text = c_of("(def f (fn* [a] a))", "t");
  CHECK(!strstr(text.data, "init") && strstr(text.data, "*count = 0;"));
  buffer_free(&text);
}

static void its_pool_is_the_programs(void) {
  program *p = program_of("(def f (fn* [a] [a \"text\" :k 1.5]))");
  buffer pool = {0}, out = {0}, read = {0};
  pool_encode(p, true, &pool);
  emit_c(p, "t", &out);
  const char *at = strchr(strstr(buffer_cstring(&out), "_pool[] = {"), '{') + 1;
  for (; *at != '}'; at++)
    if (isdigit((unsigned char)*at)) {
      char *end;
      buffer_byte(&read, (int)strtol(at, &end, 10));
      at = end;
    }
  CHECK(read.size == pool.size && memcmp(read.data, pool.data, pool.size) == 0);
  buffer_free(&pool);
  buffer_free(&out);
  buffer_free(&read);
  ast_program_free(p);
}

static void every_kind_of_node_becomes_its_code(void) {
  static const char *const cases[][2] = {
      {"nil", "t0 = JANK_WORD(0);"},
      {"true", "t0 = JANK_WORD(0x6);"},
      {"-5", "t0 = JANK_INT(-5);"},
      {"\"s\"", "t0 = patch_t_words["},
      {"a", "t0 = l0_a;"},
      {"first", "t0 = JANK_ROOT(patch_t_words["},
      {"(if a b 1)", "if (JANK_TRUTHY(l0_a)) {"},
      {"(if (< a b) 1 2)", "int t1 = jank_aot_lt(l0_a, l1_b);"},
      {"(< a b)", "t0 = JANK_BOOL(jank_aot_lt(l0_a, l1_b));"},
      {"(if (not a) 1 2)", "!JANK_TRUTHY(l0_a)"},
      {"(nil? a)", "JANK_BOOL((l0_a == 0))"},
      {"(identical? a b)", "(l0_a == l1_b)"},
      {"(+ a 1)", "t0 = jank_aot_add(l0_a, JANK_INT(1));"},
      {"(first a)", "t0 = JANK_CALLEE(patch_t_words["},
      {"(first a)", "((jank_fn1)JANK_ENTRY(t0, 1))(t0, l0_a);"},
      {"(a b)", "t0 = jank_call1(l0_a, l1_b);"},
      {"(a 1 2 3 4 5)", "jank_call_n(l0_a, 5, (jank_object *[]){JANK_INT(1), "},
      {"(f a b)", "if (t0 == self) {"},
      {"(f a b)", "patch_t_f0(self, l0_a, l1_b);"},
      {"(let* [x (first a)] x)", "l2_x = t1;"},
      {"(loop* [x a] (if x (recur b) x))", "JANK_POLL(patch_t_rounds);"},
      {"(loop* [x a] (if x (recur b) x))", "goto loop1;"},
      {"(fn* [] a)", "jank_fn_create(patch_t_words["},
      {"(fn* [] a)", "JANK_CAPTURE(t0, 0) = l0_a;"},
      {"(throw a)", "jank_throw(l0_a);"},
      {"(try a (finally b))", "jank_try("},
      {"[a b]", "jank_make_vector(2, (jank_object *[]){l0_a, l1_b});"},
      {"[]", "patch_t_words["},
      {"{a b}", "jank_make_map(1, "},
      {"#{a}", "jank_make_set(1, "},
      {"(def y a)", "jank_var_bind_root(patch_t_words["},
      {"(case* a b 1 2 3 4)", "if (jank_aot_equal(l0_a, JANK_INT(1))) {"},
      {"(case* a b 1 2 3 4)",
       "} else if (jank_aot_equal(l0_a, JANK_INT(3))) {"},
      {"^{:k a} [b]", "jank_with_meta("}};
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(emits(cases[i][0], cases[i][1]));
}

static void values_have_their_order_and_copies(void) {
  buffer text = c_of("(def f (fn* [a b] (list (first a) b (rest a))))", "t");
  const char *first = strstr(text.data, "t1 = "),
             *rest = strstr(text.data, "t2 = ");
  CHECK(first && rest && first < rest);
  CHECK(strstr(text.data, "(t0, t1, l1_b, t2);"));
  buffer_free(&text);
  /* What changes places is copied before. */
  CHECK(emits("(loop* [x a y b] (if x (recur y x) y))", "= l3_y;"));
  CHECK(emits("(loop* [x a y b] (if x (recur y x) y))", "= l2_x;"));
}

static void what_runs_once_is_small(void) {
  CHECK(has("(first [1])", "patch_t_call1("));
  CHECK(has("(+ (first [1]) 2)", "jank_add("));
  buffer text = c_of("(first [1])", "t");
  CHECK(!strstr(text.data, "JANK_CHECK_STACK") &&
        !strstr(text.data, "jank_aot_a"));
  buffer_free(&text);
}

static void lines_are_told_where_they_change(void) {
  buffer text = c_of("(def f (fn* [a]\n (first a)\n (rest a)\n (next a) (seq "
                     "a)))",
                     "t");
  CHECK(count_of(text.data, "#line 2 \"test.jank\"\n") == 1);
  CHECK(count_of(text.data, "#line 3 \"test.jank\"\n") == 1);
  CHECK(count_of(text.data, "#line 4 \"test.jank\"\n") == 1);
  buffer_free(&text);
}

/* ---- Names and texts that would do harm ------------------------------------------------ */

/* Comments, texts and braces as a C compiler takes them: all of them end, and nothing
 * of `evil` is outside. */
static bool is_whole(const char *c, const char *evil) {
  int braces = 0;
  for (; *c; c++) {
    if (c[0] == '/' && c[1] == '*') {
      c = strstr(c + 2, "*/");
      if (!c)
        return false;
      c++;
    } else if (c[0] == '"') {
      for (c++; *c != '"'; c++) {
        if (!*c || *c == '\n')
          return false;
        c += *c == '\\';
      }
    } else if (strncmp(c, evil, strlen(evil)) == 0) {
      return false;
    }
    braces += *c == '{' ? 1 : *c == '}' ? -1 : 0;
  }
  return braces == 0;
}

static void no_name_ends_a_comment_or_a_text(void) {
  static const char *const files[] = {
      "a*/ evil /*.jank", "a\"evil\".jank", "a\\",
      "a\nevil",          "*/evil",         "**/evil//*"};
  for (size_t i = 0; i < COUNT(files); i++) {
    file = (char *)files[i];
    buffer text = c_of("(def f (fn* [a]\n (first a)))\n(first [1])", "t");
    CHECK(is_whole(text.data, "evil"));
    buffer_free(&text);
  }
  file = "test.jank";
  ns_set_current(ns_from_name("n*")); /* its name and a slash */
  buffer text = c_of("(def evil (fn* [x] (first x)))\n(evil 1)", "t");
  CHECK(is_whole(text.data, "evil") && strstr(text.data, "evil"));
  buffer_free(&text);
  ns_set_current(ns_from_name("user"));
}

static void a_name_of_the_source_is_one_of_c(void) {
  CHECK(has("(def f (fn* [a-b? int] (+ a-b? int)))",
            "jank_aot_add(l0_a_b_, l1_int)"));
  CHECK(has("(def f (fn* [\xc3\xa9] \xc3\xa9))", "l0___"));
  char source[400] = "(def f (fn* [";
  for (int i = 0; i < 150; i++)
    strcat(source, "x");
  strcat(source, "] 1))");
  buffer text = c_of(source, "t");
  const char *name = strstr(text.data, "l0_x");
  CHECK(name && strspn(name + 3, "x") < 60);
  buffer_free(&text);
  CHECK(has("(def f (fn* [a a] a))", "l1_a")); /* told apart by their slots */
  text = c_of("(def f (fn* [a] a))", "1st");
  CHECK(strstr(text.data, "patch_1st_f0") &&
        strstr(text.data, "jank_patch_symbols_1st("));
  buffer_free(&text);
}

static void the_same_program_is_the_same_text(void) {
  const char *source =
      "(def f (fn* [a] (loop* [i 0] (if (< i a) (recur (inc i)) "
      "(fn* [] i)))))\n(f 3)";
  buffer a = c_of(source, "t"), b = c_of(source, "t");
  CHECK(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
  buffer_free(&a);
  buffer_free(&b);
}

static const struct test tests[] = {
    TEST(a_file_has_its_parts),
    TEST(its_pool_is_the_programs),
    TEST(every_kind_of_node_becomes_its_code),
    TEST(values_have_their_order_and_copies),
    TEST(what_runs_once_is_small),
    TEST(lines_are_told_where_they_change),
    TEST(no_name_ends_a_comment_or_a_text),
    TEST(a_name_of_the_source_is_one_of_c),
    TEST(the_same_program_is_the_same_text),
};

MAIN(start_compiler, tests)
