/* The reader: every notation becomes its form, one form per call, with where it
 * stood; a bad text is an exception that names file, line and column and leaves
 * nothing behind; no text, however cut or garbled, does more than that. */
#include "reader_test.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "read/reader.h"
#include "runtime/fn.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/word.h"
#include <stdlib.h>

/* ---- Forms ----------------------------------------------------------------------- */

static void every_notation_is_read(void) {
  static const char *const cases[][2] = {
      {"", ""},
      {"  ,\t\n ", ""},
      {"; nothing", ""},
      {"nil true false", "nil true false"},
      {"1 -2 3.5 \"s\" \\c :k a/b", "1 -2 3.5 \"s\" \\c :k a/b"},
      {"(1 (2) ())", "(1 (2) ())"},
      {"[1 [2] []]", "[1 [2] []]"},
      {"{:a 1}", "{:a 1}"},
      {"#{1}", "#{1}"},
      {"{}#{}()[]", "{} #{} () []"},
      {"'a @a #'a", "(quote a) (clojure.core/deref a) (var a)"},
      {"~a ~@a", "(clojure.core/unquote a) (clojure.core/unquote-splicing a)"},
      {"#_ a b", "b"},
      {"#_ #_ a b c", "c"},
      {"(a #_ b)", "(a)"},
      {"[#_ a]", "[]"},
      {"a ; b\nc", "a c"},
      {"#! b\nc", "c"},
      {"#\"a\\d\\\"\"", "#\"a\\d\\\"\""},
      {"##Inf ##-Inf ##NaN", "##Inf ##-Inf ##NaN"},
      {"#:n{:a 1}", "{:n/a 1}"},
      {"#:n{:_/a 1}", "{:a 1}"},
      {"#:n{:m/a 1}", "{:m/a 1}"},
      {"#:n{a 1}", "{n/a 1}"},
      {"#:n {\"a\" 1}", "{\"a\" 1}"},
      {"#::{:a 1}", "{:user/a 1}"},
      {"#?(:clj 1 :jank 2)", "2"},
      {"#?(:clj 1 :default 2)", "2"},
      {"#?(:default 1 :jank 2)", "1"},
      {"#?(:clj 1)", ""},
      {"[#?@(:jank [1 2]) 3]", "[1 2 3]"},
      {"[#?@(:jank []) 3]", "[3]"},
      {"[#?@(:clj [1 2]) 3]", "[3]"},
      {"[#?@(:jank [1 #?@(:jank [2 3])]) 4]", "[1 2 3 4]"},
      {"(#?@(:jank (1)) #?@(:jank (2)))", "(1 2)"},
      {"#?(:clj #nothing [x] :jank 1)", "1"},
      {"#?(:clj #\"(\" :jank 1)", "1"},
      {"#?(:clj {:a 1 :a 2} :jank 1)", "1"},
      {"#?(:clj ::nowhere/a :jank 1)", "1"},
      {"#_ {:a 1 :a 2} 1", "1"},
      {"#js [1 {:a 2}]", "(clojure.core/js-literal* [1 {:a 2}])"},
      {"\"a\nb\"", "\"a\\nb\""},
      {"^:a b", "b"},
      {"(a\r\n b)", "(a b)"},
      {"\f\v a", "a"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(reads(cases[i][0], cases[i][1]));
}

static bool has_meta(const char *source, const char *key, const char *printed) {
  O meta = meta_of(read_one(source));
  O value = coll_get(meta, jank_make_keyword(NULL, key), JANK_NIL);
  return strcmp(jank_to_code_string(value), printed) == 0;
}

static void what_stands_before_a_form_is_its_metadata(void) {
  CHECK(has_meta("^:a b", "a", "true") && has_meta("#^:a b", "a", "true"));
  CHECK(has_meta("^{:a 1 :b 2} [b]", "b", "2"));
  CHECK(has_meta("^String b", "tag", "String"));
  CHECK(has_meta("^\"String\" b", "tag", "\"String\""));
  CHECK(has_meta("^[long] b", "param-tags", "[long]"));
  CHECK(has_meta("^:a ^:b c", "a", "true") &&
        has_meta("^:a ^:b c", "b", "true"));
  CHECK(has_meta("^{:a 1} ^{:a 2} c", "a", "1")); /* the outer one wins */
  CHECK(has_meta("^:a ()", "a", "true") && has_meta("^:a #{}", "a", "true"));
  CHECK(has_meta("^:a {}", "a", "true") && has_meta("^:a (b)", "line", "1"));
}

static void the_function_of_a_body_takes_what_the_body_names(void) {
  static const struct {
    const char *source;
    uint32_t parameters;
    bool rest;
  } cases[] = {{"#(f)", 0, false},        {"#(f %)", 1, false},
               {"#(f %2)", 2, false},     {"#(f %1 %3 %)", 3, false},
               {"#(f %&)", 0, true},      {"#(f % [%& {%2 1}])", 2, true},
               {"#(f #{%20})", 20, false}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    O form = read_one(cases[i].source);
    CHECK(symbol_is(coll_nth(form, 0, JANK_NIL, true), NULL, "fn*"));
    O parameters = coll_nth(form, 1, JANK_NIL, true);
    CHECK(vector_count(parameters) ==
          cases[i].parameters + (cases[i].rest ? 2 : 0));
  }
  O form = read_one("#(f % %1)"), body = coll_nth(form, 2, JANK_NIL, true);
  O parameter = coll_nth(coll_nth(form, 1, JANK_NIL, true), 0, JANK_NIL, true);
  CHECK(coll_nth(body, 1, JANK_NIL, true) == parameter);
  CHECK(coll_nth(body, 2, JANK_NIL, true) == parameter);
  CHECK(!value_equal(read_one("#(f %)"), read_one("#(f %)"))); /* own names */
}

/* ---- One after the other --------------------------------------------------------- */

static O read_in_turn(void *context) {
  const char *source = "a\n (b\n  c) \"d\n\" ; e\n#_ f #?(:clj g) \xc3\xa9t h";
  reader r;
  span w;
  O form = JANK_NIL;
  reader_init(&r, source, strlen(source), "test.jank", 7);
#define AT(l, c, el, ec)                                                       \
  CHECK(reader_read(&r, &form, &w) == 1);                                      \
  CHECK(w.line == l && w.column == c && w.end_line == el && w.end_column == ec)
  AT(7, 1, 7, 2);
  CHECK(r.start == 0);
  AT(8, 2, 9, 5);
  CHECK(r.start == 3 && spans(form, 8, 2, 9, 5));
  CHECK(spans(coll_nth(form, 1, JANK_NIL, true), 9, 3, 9, 4));
  AT(9, 6, 10, 2);
  CHECK(!reader_is_done(&r));
  AT(11, 17, 11, 19); /* columns count characters */
  CHECK(spans(form, 11, 17, 11, 19));
  AT(11, 20, 11, 21);
  CHECK(reader_is_done(&r));
  CHECK(reader_read(&r, &form, &w) == 0 && reader_read(&r, &form, &w) == 0);
  CHECK(r.line == 11 && r.offset == strlen(source));
  return JANK_NIL;
}

static void forms_come_one_by_one_with_their_places(void) {
  runs(read_in_turn, NULL, __func__);
  reader r;
  reader_init(&r, " \n, ;x", 3, "f", 1);
  CHECK(reader_is_done(&r));
  reader_init(&r, ";x", 2, "f", 1);
  CHECK(!reader_is_done(&r)); /* a comment is more than space */
}

static void lists_and_symbols_have_their_places(void) {
  O list = read_one("\n (a [b {c #{d}}])");
  CHECK(spans(list, 2, 2, 2, 18));
  O vector = coll_nth(list, 1, JANK_NIL, true);
  CHECK(meta_of(vector) == JANK_NIL);
  CHECK(spans(coll_nth(vector, 0, JANK_NIL, true), 2, 6, 2, 7));
  CHECK(spans(read_one("'a"), 1, 1, 1, 3) &&
        spans(read_one("#(a)"), 1, 1, 1, 5));
  CHECK(spans(read_one("^:x (a)"), 1, 5, 1, 8));
  CHECK(spans(read_one("`(a ~b)"), 1, 1, 1, 8));
}

/* ---- What is wrong --------------------------------------------------------------- */

static void what_is_wrong_has_a_place(void) {
  static const struct {
    const char *source;
    int line, column;
    const char *says;
  } cases[] = {
      {"(a", 1, 3, "EOF while reading, list started at line 1, column 1"},
      {"\n [a\n", 3, 1,
       "EOF while reading, vector started at line 2, column 2"},
      {"#{1", 1, 4, "EOF while reading, set started"},
      {"{:a", 1, 4, "EOF while reading, map started"},
      {"#:n{:a", 1, 7, "EOF while reading, map started"},
      {"a )", 1, 3, "Unmatched delimiter: )"},
      {"(a]", 1, 3, "Unmatched delimiter: ]"},
      {"[(}", 1, 3, "Unmatched delimiter: }"},
      {"{:a}", 1, 1, "even number of forms"},
      {"{:a 1 :a 2}", 1, 1, "Duplicate key: :a"},
      {"x #{1 2 1}", 1, 3, "Duplicate key: 1"},
      {"#:n{:a 1 :n/a 2}", 1, 1, "Duplicate key: :n/a"},
      {"'", 1, 1, "EOF while reading what follows '"},
      {"(')", 1, 3, "Unmatched delimiter: )"},
      {"@ ; x", 1, 1, "EOF while reading what follows @"},
      {"^:a", 1, 1, "EOF while reading what follows ^"},
      {"^1 a", 1, 1, "Metadata must be a keyword"},
      {"^:a 1", 1, 1, "can only be applied to symbols and collections"},
      {"^:a \"s\"", 1, 1, "can only be applied"},
      {"#", 1, 1, "EOF while reading dispatch character"},
      {"#<x>", 1, 1, "Unreadable form: #<"},
      {"#=(a)", 1, 1, "Unreadable form: #="},
      {"#_", 1, 1, "EOF while reading what follows #_"},
      {"[#_]", 1, 4, "Unmatched delimiter: ]"},
      {"#'", 1, 1, "EOF while reading what follows #'"},
      {"##Nothing", 1, 1, "Unknown symbolic value: ##Nothing"},
      {"#(a #(b))", 1, 5, "Nested #()s are not allowed"},
      {"#(%21)", 1, 3, "arg literal must be %, %& or %1 to %20"},
      {"#(%0)", 1, 3, "arg literal"},
      {"#(%x)", 1, 3, "arg literal"},
      {"#:{:a 1}", 1, 1, "must specify a namespace"},
      {"#:n[1]", 1, 1, "must specify a map"},
      {"#:n", 1, 1, "must specify a map"},
      {"#::nowhere{}", 1, 1, "Unknown auto-resolved namespace alias: nowhere"},
      {"::nowhere/a", 1, 1, "Invalid token: ::nowhere/a"},
      {"#?(:jank)", 1, 9, "Unmatched delimiter: )"},
      {"#?(:jank 1", 1, 1, "EOF while reading a reader conditional"},
      {"#?(1 2)", 1, 1, "Feature should be a keyword: 1"},
      {"#?[:jank 1]", 1, 1, "needs a list"},
      {"#?", 1, 1, "needs a list"},
      {"#?@(:jank [1])", 1, 1, "not allowed at the top level"},
      {"[#?@(:jank 1)]", 1, 2, "must be sequential"},
      {"#1 2", 1, 1, "Reader tag must be a symbol"},
      {"#inst \"2020\"", 1, 1, "No reader function for tag inst"},
      {"#a", 1, 1, "EOF while reading what follows a reader tag"},
      {"#js", 1, 1, "EOF while reading what follows a reader tag"},
      {"\"a", 1, 1, "EOF while reading string"},
      {"#\"a", 1, 1, "EOF while reading regex"},
      {"1a", 1, 1, "Invalid number: 1a"},
      {"`(~@a) `~@a", 1, 12, "splice not in list"},
      {"\xc3\xa9 \xc3\xa9)", 1, 4, "Unmatched delimiter: )"},
      {"a\r\n)", 2, 1, "Unmatched delimiter: )"},
      {"\n\n  \"a", 3, 3, "EOF while reading string"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    CHECK(
        fails(cases[i].source, cases[i].line, cases[i].column, cases[i].says));
}

static void a_bad_pattern_is_told_by_the_host(void) {
  O exception, forms = read_text("#\"(\"", 4, &exception);
  CHECK(forms == JANK_UNBOUND);
  CHECK(is_exception(exception, "PatternSyntaxException", ""));
}

static void what_is_not_utf8_is_told_with_its_place(void) {
  CHECK(fails("a\n b\xff", 2, 3, "the source is not UTF-8"));
  CHECK(fails("\xc3", 1, 1, "not UTF-8") &&
        fails("\"\x80\"", 1, 2, "not UTF-8"));
  CHECK(fails("; \xe2\x82", 1, 3, "not UTF-8"));
  CHECK(fails_of("a\0\xff", 3, 1, 3, "not UTF-8"));
}

static void nesting_ends_before_the_stack_does(void) {
  static const char *const opens[] = {
      "(",  "[",         "{", "#{", "#(",   "'",    "`",  "@",         "^",
      "#_", "#?(:jank ", "~", "#'", "{:a ", "#:n{", "^{", "#?@(:jank "};
  for (size_t i = 0; i < COUNT(opens); i++) {
    size_t n = strlen(opens[i]), times = SCALED(60000);
    char *source = malloc(n * times + 1);
    for (size_t k = 0; k < times; k++)
      memcpy(source + k * n, opens[i], n);
    O exception, forms = read_text(source, n * times, &exception);
    CHECK(forms == JANK_UNBOUND);
    CHECK(is_exception(exception, "ReaderException", ""));
    free(source);
  }
  /* So deep it may be. */
  char source[2 * 900 + 1] = "";
  memset(source, '[', 900);
  memset(source + 900, ']', 900);
  CHECK(read_one(source) != JANK_NIL);
}

/* ---- Tags ------------------------------------------------------------------------ */

static O tag_failure;

static O read_tag(O self, O form) {
  if (tag_failure != JANK_NIL)
    jank_throw(tag_failure);
  return jank_make_vector(2, (O[]){form, form});
}

static O read_default(O self, O tag, O form) {
  return jank_make_vector(2, (O[]){tag, form});
}

static O function(const char *signature, void *code) {
  code_object *c = fn_code_make(string_make("test/f", 6), JANK_NIL);
  fn_code_add_arity(c, signature, code);
  return &fn_make(c, 0)->header;
}

static void define(const char *name, O value) {
  jank_var_bind_root(jank_var_intern_c("clojure.core", name), value);
}

static void a_tag_is_read_by_its_function(void) {
  jank_add_root(&tag_failure);
  O reader = function("1", (void *)read_tag);
  O pair[] = {jank_make_symbol("my", "tag"), reader};
  define("*data-readers*", jank_make_map(1, pair));
  CHECK(reads("#my/tag 1 #my/tag #my/tag 2", "[1 1] [[2 2] [2 2]]"));
  CHECK(fails("#other 1", 1, 1, "No reader function for tag other"));
  tag_failure = error_make("Exception", text("it broke"), JANK_NIL, JANK_NIL);
  CHECK(fails(" #my/tag 1", 1, 2, "#my/tag: it broke"));
  tag_failure = fixnum(1);
  CHECK(fails("#my/tag 1", 1, 1, "#my/tag: the reader function failed"));
  tag_failure = error_interrupt();
  O exception, forms = read_text("#my/tag 1", 9, &exception);
  CHECK(forms == JANK_UNBOUND && exception == tag_failure);
  CHECK(reads("#?(:clj #my/tag 1 :jank 2)", "2")); /* not even called */
  tag_failure = JANK_NIL;
  define("*default-data-reader-fn*", function("2", (void *)read_default));
  CHECK(reads("#other 1 #my/tag 2", "[other 1] [2 2]"));
}

/* ---- Any text -------------------------------------------------------------------- */

/* Every place, but where that takes too long. */
#ifdef JANK_GC_STRESS
#define STEP 7
#else
#define STEP 1
#endif

static const char corpus[] =
    "(defn f \"doc\" [a & b] {:pre [#(= % 1)]} `(a ~b ~@c d# #{~e} {f ~g}))\n"
    "#:n{:a \\a :b \\u0041 :_/c \\newline} #?(:jank [1 2.5e3 0x1F 1/2 3N 4M] "
    ":clj 2) [#?@(:jank (1 2))] ^{:doc \"\\u00e9\\t\\101\"} sym #'v @d "
    "#\"r\\\"\" "
    "#_ (ignored) ##Inf ::k :a/b #js {:a 1} \xc3\xa9 \xf0\x9f\x98\x80 ; end\n";

/* Reads or fails with a place that is in the text. */
static bool is_harmless(const char *source, size_t n) {
  char *copy = malloc(n ? n : 1); /* so that one byte too far is seen */
  memcpy(copy, source, n);
  int lines = 1;
  for (size_t i = 0; i < n; i++)
    lines += copy[i] == '\n';
  O exception, forms = read_text(copy, n, &exception);
  free(copy);
  if (forms != JANK_UNBOUND)
    return true;
  if (!is_type(exception, JANK_TYPE_EXCEPTION))
    return false;
  const exception_object *e = (exception_object *)exception;
  if (strcmp(e->class_name->text, "PatternSyntaxException") == 0)
    return true;
  int64_t line = number_at(e->data, "line");
  return strcmp(e->class_name->text, "ReaderException") == 0 && line >= 1 &&
         line <= lines && number_at(e->data, "column") >= 1 &&
         message_of(exception)[0];
}

static void a_text_that_is_cut_anywhere_is_an_error_with_a_place(void) {
  uint32_t wrong = 0;
  for (size_t n = 0; n < sizeof corpus; n += STEP)
    wrong += !is_harmless(corpus, n);
  for (size_t from = 0; from < sizeof corpus; from += STEP)
    wrong += !is_harmless(corpus + from, sizeof corpus - 1 - from);
  CHECK(wrong == 0);
}

static void a_garbled_text_is_an_error_with_a_place(void) {
  static const char alphabet[] = "()[]{}#@^`~'\"\\;:/%&?_ \n1aN.-,\xff\x80\xc3";
  uint32_t seed = 99, wrong = 0;
  for (int round = 0; round < SCALED(4000); round++) {
    char text[sizeof corpus];
    memcpy(text, corpus, sizeof text);
    for (int k = 0; k < 4; k++) {
      seed = seed * 1664525u + 1013904223u;
      text[(seed >> 8) % (sizeof text - 1)] =
          alphabet[(seed >> 20) % (sizeof alphabet - 1)];
    }
    wrong += !is_harmless(text, sizeof text - 1);
  }
  for (int round = 0; round < SCALED(20000); round++) {
    char text[12];
    size_t n = (size_t)round % sizeof text;
    for (size_t k = 0; k < n; k++) {
      seed = seed * 1664525u + 1013904223u;
      text[k] = alphabet[(seed >> 12) % (sizeof alphabet - 1)];
    }
    wrong += !is_harmless(text, n);
  }
  CHECK(wrong == 0);
}

static const struct test tests[] = {
    TEST(every_notation_is_read),
    TEST(what_stands_before_a_form_is_its_metadata),
    TEST(the_function_of_a_body_takes_what_the_body_names),
    TEST(forms_come_one_by_one_with_their_places),
    TEST(lists_and_symbols_have_their_places),
    TEST(what_is_wrong_has_a_place),
    TEST(a_bad_pattern_is_told_by_the_host),
    TEST(what_is_not_utf8_is_told_with_its_place),
    TEST(nesting_ends_before_the_stack_does),
    TEST(a_text_that_is_cut_anywhere_is_an_error_with_a_place),
    TEST(a_garbled_text_is_an_error_with_a_place),
    TEST(a_tag_is_read_by_its_function),
};

static void start_with_a_limit(void) {
  start_reader();
  char here;
  poll_set_stack_limit((uintptr_t)&here - 1000000);
}

MAIN(start_with_a_limit, tests)
