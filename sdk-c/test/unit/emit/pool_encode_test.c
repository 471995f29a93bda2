/* Constants as bytes: whatever a program can have as one comes back through the
 * loader, equal and with its metadata; the same text is written once; what cannot be
 * a constant is an error that says what it is. */
#include "collection/array.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/vector.h"
#include "emit/pool_encode.h"
#include "emit/program.h"
#include "load/pool.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/instance.h"
#include "runtime/reference.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/meta.h"
#include "value/word.h"

#define WORDS 200
static O words[WORDS];

/* Decodes what was encoded; *definitions: its array, or nil. */
static void round_trip(const buffer *pool, bool has_definitions,
                       O *definitions) {
  void *all[64];
  for (int i = 0; i < 64; i++)
    all[i] = (void *)(uintptr_t)(0x1000 + i);
  pool_target target = {.words = words, .functions = all, .function_count = 64};
  memset(words, 0, sizeof words);
  CHECK(pool_count((const uint8_t *)pool->data, pool->size) <= WORDS);
  *definitions = pool_decode((const uint8_t *)pool->data, pool->size, &target,
                             has_definitions);
}

/* The value as it comes back; an exception passes. */
static O back(O value) {
  program *p = ast_program_make("test.jank", ns_current());
  throw_owner owner;
  throw_own(&owner, (void (*)(void *))ast_program_free, p);
  ast_constant(p, value);
  buffer pool = {0};
  pool_encode(p, false, &pool);
  O definitions;
  round_trip(&pool, false, &definitions);
  buffer_free(&pool);
  throw_release(&owner);
  return words[0];
}

static void every_literal_comes_back(void) {
  static const char *const literals[] = {
      "9223372036854775807",
      "-9223372036854775808",
      "1.5",
      "-0.0",
      "##Inf",
      "5e-324",
      "12345678901234567890N",
      "1.50M",
      "1/3",
      "\"\"",
      "\"a\\u0000b\\uD83D\"",
      ":k",
      ":n/k",
      "sym",
      "n/sym",
      "\\a",
      "\\u0000",
      "()",
      "(1 (2 nil))",
      "[]",
      "[1 [true]]",
      "{}",
      "{:a {:b 1} nil false}",
      "#{}",
      "#{1 #{2}}",
      "[\"same\" \"same\" :same same]",
      "[1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 "
      "27 "
      "28 29 30 31 32 33]",
      "{1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20}"};
  for (size_t i = 0; i < COUNT(literals); i++) {
    reader r;
    span where;
    O value = JANK_NIL;
    reader_init(&r, literals[i], strlen(literals[i]), "test.jank", 1);
    reader_read(&r, &value, &where);
    O again = back(value);
    CHECK(value_equal(value, again));
    CHECK(value_hash(value) == value_hash(again));
    const char *shown = jank_to_code_string(again);
    CHECK(strcmp(shown, jank_to_code_string(value)) == 0);
  }
  CHECK(back(keyword("k")) == keyword("k"));
}

static void words_come_back(void) {
  O all[] = {JANK_NIL,           JANK_TRUE,  JANK_FALSE,
             fixnum(0),          fixnum(-1), fixnum(JANK_FIXNUM_MIN),
             make_char(0x10ffff)};
  for (size_t i = 0; i < COUNT(all); i++)
    CHECK(back(all[i]) == all[i]);
}

static void what_is_not_a_literal_comes_back_too(void) {
  O var = jank_var_intern_c("pool.encode", "v");
  CHECK(back(var) == var);
  O map = jank_make_map(1, (O[]){keyword("a"), fixnum(1)});
  O entry = map_find(map, keyword("a"));
  CHECK(is_type(entry, JANK_TYPE_MAP_ENTRY) && value_equal(back(entry), entry));
  O lazy = list_cell(fixnum(1), list_empty);
  CHECK(value_equal(back(lazy), jank_make_list(1, (O[]){fixnum(1)})));
}

static void metadata_comes_back_without_places(void) {
  O meta = jank_make_map(
      2, (O[]){keyword("doc"), text("it"), keyword("line"), fixnum(3)});
  O values[] = {symbol("s"), vector_empty, list_empty, map_empty,
                jank_make_list(1, (O[]){fixnum(1)})};
  for (size_t i = 0; i < COUNT(values); i++) {
    O again = meta_of(back(jank_with_meta(values[i], meta)));
    CHECK(map_count(again) == 1);
    CHECK(is_text(map_get(again, keyword("doc"), JANK_NIL), "it"));
  }
  O place = jank_make_map(1, (O[]){keyword("line"), fixnum(3)});
  CHECK(meta_of(back(jank_with_meta(symbol("s"), place))) == JANK_NIL);
}

/* As defn gives it, and in other orders. */
static O placed(O first, O first_value, O second, O second_value) {
  O pairs[] = {first,           first_value,     second,
               second_value,    keyword("file"), text("f.jank"),
               keyword("line"), fixnum(7),       keyword("column"),
               fixnum(3),       keyword("name"), symbol("f"),
               keyword("ns"),   symbol("user")};
  return jank_make_map(7, pairs);
}

static void the_metadata_of_a_var_comes_back(void) {
  O parameters[] = {symbol("a"), jank_make_vector(1, (O[]){symbol("b")}),
                    jank_make_symbol("n", "c")};
  O lists[] = {vector_empty, jank_make_vector(3, parameters)};
  O arglists = jank_make_list(2, lists), doc = keyword("doc");
  O all[] = {placed(keyword("arglists"), arglists, doc, text("it")),
             placed(keyword("macro"), JANK_TRUE, keyword("private"), JANK_TRUE),
             placed(keyword("private"), JANK_TRUE, doc, text("")),
             placed(doc, text("it"), keyword("macro"), JANK_TRUE),
             placed(doc, fixnum(1), keyword("own"), vector_empty),
             placed(keyword("arglists"), fixnum(1), doc, text("it")),
             placed(keyword("arglists"), jank_make_list(1, (O[]){fixnum(1)}),
                    doc, text("it"))};
  for (size_t i = 0; i < COUNT(all); i++) {
    O again = back(all[i]);
    CHECK(value_equal(again, all[i]));
    CHECK(strcmp(jank_to_code_string(again), jank_to_code_string(all[i])) == 0);
  }
}

static void classes_and_instances_come_back(void) {
  O c = &class_find("String")->header;
  CHECK(back(c) == c);
  O object = type_construct(1, (O[]){&class_find("Object")->header});
  O again = back(object);
  CHECK(is_type(again, JANK_TYPE_INSTANCE));
  CHECK(((instance_object *)again)->class == class_find("Object"));
}

static void the_same_text_is_written_once(void) {
  program *p = ast_program_make("test.jank", ns_current());
  buffer pool = {0};
  for (int i = 0; i < 40; i++) {
    char name[32];
    snprintf(name, sizeof name, "a-rather-long-text-%d", i % 20);
    ast_constant(p, i < 20 ? text(name) : symbol(name));
    ast_constant(p, jank_make_vector(1, (O[]){keyword(name)}));
  }
  pool_encode(p, false, &pool);
  CHECK(pool.size < 20 * 24 + 80 * 6);
  O definitions;
  round_trip(&pool, false, &definitions);
  for (int i = 0; i < p->pool_count; i++)
    CHECK(value_equal(words[i], p->pool[i].value));
  buffer_free(&pool);
  ast_program_free(p);
}

static O encode_value(void *value) { return back(value); }

static void what_cannot_be_a_constant_says_what_it_is(void) {
  const char *e = "CompilerException";
  O bad[] = {jank_call1(jank_deref_var("clojure.core", "atom"), JANK_NIL),
             jank_deref_var("clojure.core", "first"),
             ns_current() ? &ns_current()->header : JANK_NIL,
             error_make("E", JANK_NIL, JANK_NIL, JANK_NIL)};
  static const char *const says[] = {
      "Can't embed in code: a Atom", "Can't embed in code: a Fn",
      "Can't embed in code: a Namespace", "Can't embed in code: a Exception"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    CHECK(throws(encode_value, bad[i], e, says[i]));
    CHECK(throws(encode_value, jank_make_vector(1, &bad[i]), e, says[i]));
  }
  O deep = vector_empty;
  for (int i = 0; i < 2000; i++)
    deep = jank_make_vector(1, &deep);
  CHECK(throws(encode_value, deep, e, "a constant is nested too deeply"));
}

/* ---- Programs ------------------------------------------------------------------------ */

static void definitions_come_back_with_their_code(void) {
  program *p =
      program_of("(def ^:private f \"doc\" (fn* ([a] a) ([a & b] b)))\n"
                 "(def g (fn* [] (fn* [] 1)))\n"
                 "(def ^{:own [1 2]} h (fn* [x y] x))");
  buffer pool = {0};
  pool_encode(p, true, &pool);
  O result;
  round_trip(&pool, true, &result);
  CHECK(is_type(result, JANK_TYPE_ARRAY) && p->definition_count == 3);
  const array_object *a = (array_object *)result;
  CHECK(a->count == 3 * POOL_DEFINITION_WORDS);
  for (int i = 0; i < 3; i++) {
    const definition *d = &p->definitions[i];
    const code_object *code =
        (code_object *)a->items[i * POOL_DEFINITION_WORDS];
    CHECK(a->items[i * POOL_DEFINITION_WORDS + 1] == &d->var->header);
    CHECK(value_equal(a->items[i * POOL_DEFINITION_WORDS + 2],
                      p->pool[d->meta].value));
    CHECK(is_text((O)code->name, d->fn->name));
    for (int k = 0; k < d->fn->method_count; k++) {
      const method *m = d->fn->methods[k];
      void *there = m->variadic ? code->variadic : code->entries[m->required];
      CHECK(there == (void *)(uintptr_t)(0x1000 + m->index));
    }
  }
  const char *meta = jank_to_code_string(a->items[2]);
  CHECK(strstr(meta, ":private true") && strstr(meta, ":doc \"doc\"") &&
        strstr(meta, ":file \"test.jank\"") && strstr(meta, ":line 1") &&
        strstr(meta, ":name f") && strstr(meta, ":ns user"));
  CHECK(strstr(jank_to_code_string(a->items[8]), ":own [1 2]"));
  buffer_free(&pool);
  ast_program_free(p);
}

static void an_inner_function_has_its_name(void) {
  program *p = program_of("(def outer (fn* [a] (list (fn* [] a) (fn* named [] "
                          "1))))");
  buffer pool = {0};
  pool_encode(p, false, &pool);
  O definitions;
  round_trip(&pool, false, &definitions);
  int found = 0;
  for (int i = 0; i < p->pool_count; i++) {
    const fn_node *fn = p->pool[i].fn;
    if (!fn)
      continue;
    found++;
    bool is_code = is_type(words[i], JANK_TYPE_CODE);
    CHECK(is_code == (fn->capture_count > 0));
    const code_object *code =
        is_code ? (code_object *)words[i] : ((fn_object *)words[i])->code;
    CHECK(is_text((O)code->name, fn->name));
  }
  CHECK(found == 2);
  buffer_free(&pool);
  ast_program_free(p);
}

static const struct test tests[] = {
    TEST(every_literal_comes_back),
    TEST(words_come_back),
    TEST(what_is_not_a_literal_comes_back_too),
    TEST(metadata_comes_back_without_places),
    TEST(the_metadata_of_a_var_comes_back),
    TEST(classes_and_instances_come_back),
    TEST(the_same_text_is_written_once),
    TEST(what_cannot_be_a_constant_says_what_it_is),
    TEST(definitions_come_back_with_their_code),
    TEST(an_inner_function_has_its_name),
};

static void start(void) {
  start_compiler();
  gc_add_root_range(words, WORDS);
}

MAIN(start, tests)
