/* A patch's constants: every kind is read back, a text that comes again is the same
 * string; definitions are of its vars; and whatever the bytes are, cut, garbled or
 * made to hurt, the answer is values or an exception, never a byte past the end. */
#include "base/buffer.h"
#include "collection/array.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/vector.h"
#include "jank_patch.h"
#include "load/pool.h"
#include "runtime/fn.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/meta.h"
#include "value/symbol.h"
#include "value/word.h"
#include "values.h"
#include <math.h>
#include <stdlib.h>

/* ---- Pools by hand ----------------------------------------------------------------- */

static buffer pool;

static void tag(int tag) { buffer_byte(&pool, tag); }
static void number(uint64_t n) { buffer_uleb(&pool, n); }
static void signed_number(int64_t n) { buffer_sleb(&pool, n); }

/* A string that comes for the first time. */
static void string(const char *s) {
  number(2 * strlen(s) + 1);
  buffer_text(&pool, s);
}
static void again(uint64_t n) { number(2 * n); } /* the n-th */
static void empty(void) { number(0); }

static void begin(uint64_t count) {
  buffer_clear(&pool);
  number(count);
}

#define WORDS 64
static O words[WORDS];
static O one_function(O self) { return fixnum(1); }
static O other_function(O self, O a) { return a; }
static void *const functions[] = {(void *)one_function, (void *)other_function};
static const pool_target target = {
    .words = words, .functions = functions, .function_count = 2};
static bool has_definitions;

/* Of a copy that ends where the pool ends. */
static O decode_pool(void *context) {
  uint8_t **copy = context;
  memcpy(*copy, pool.data, pool.size);
  memset(words, 0, sizeof words);
  if (pool_count(*copy, pool.size) > WORDS)
    error_throw("IllegalArgumentException", "bad patch: more than there are");
  return pool_decode(*copy, pool.size, &target, has_definitions);
}

static O decode_and_free(O *exception) {
  uint8_t *copy = malloc(pool.size ? pool.size : 1);
  O result = JANK_UNBOUND;
  *exception = JANK_NIL;
  throw_catch(decode_pool, &copy, &result, exception);
  free(copy);
  return result;
}

static bool decodes(void) {
  O exception, result = decode_and_free(&exception);
  if (result == JANK_UNBOUND)
    fprintf(stderr, "  threw: %s\n", message_of(exception));
  return result != JANK_UNBOUND;
}

static bool is_bad(const char *says) {
  O exception, result = decode_and_free(&exception);
  return result == JANK_UNBOUND &&
         is_exception(exception, "IllegalArgumentException",
                      "bad patch: constant pool: ") &&
         strstr(message_of(exception), says);
}

/* ---- Every kind -------------------------------------------------------------------- */

static void simple_values_are_read(void) {
  begin(9);
  tag(JANK_POOL_NIL), tag(JANK_POOL_TRUE), tag(JANK_POOL_FALSE);
  tag(JANK_POOL_INTEGER), signed_number(-5);
  tag(JANK_POOL_INTEGER), signed_number(INT64_MIN);
  tag(JANK_POOL_INTEGER), signed_number(INT64_MAX);
  tag(JANK_POOL_DOUBLE), buffer_add(&pool, "\0\0\0\0\0\0\xf8\xbf", 8);
  tag(JANK_POOL_CHARACTER), number(0x10ffff);
  tag(JANK_POOL_BIGNUM), string("12345678901234567890N");
  CHECK(pool_count((const uint8_t *)pool.data, pool.size) == 9);
  CHECK(decodes());
  CHECK(words[0] == JANK_NIL && words[1] == JANK_TRUE &&
        words[2] == JANK_FALSE);
  CHECK(words[3] == fixnum(-5) && jank_unbox_integer(words[4]) == INT64_MIN);
  CHECK(jank_unbox_integer(words[5]) == INT64_MAX);
  CHECK(jank_unbox_double(words[6]) == -1.5);
  CHECK(words[7] == make_char(0x10ffff));
  CHECK(strcmp(jank_to_code_string(words[8]), "12345678901234567890N") == 0);
}

static void names_are_read_and_a_text_that_comes_again_is_shared(void) {
  begin(9);
  tag(JANK_POOL_STRING), string("a\xc3\xa9");
  tag(JANK_POOL_STRING), again(1);
  tag(JANK_POOL_STRING), empty();
  tag(JANK_POOL_KEYWORD), empty(), string("k");
  tag(JANK_POOL_KEYWORD), again(2), again(2);
  tag(JANK_POOL_SYMBOL), empty(), again(2);
  tag(JANK_POOL_SYMBOL), string("ns"), again(2);
  tag(JANK_POOL_KEYWORD), empty(), again(1);
  tag(JANK_POOL_KEYWORD), empty(), empty();
  CHECK(decodes());
  CHECK(is_text(words[0], "a\xc3\xa9") && words[1] == words[0]);
  CHECK(is_text(words[2], ""));
  CHECK(words[3] == keyword("k") && words[4] == jank_make_keyword("k", "k"));
  CHECK(value_equal(words[5], symbol("k")));
  CHECK(value_equal(words[6], jank_make_symbol("ns", "k")));
  CHECK(words[7] == keyword("a\xc3\xa9") && words[8] == keyword(""));
}

static void collections_are_read(void) {
  begin(6);
  tag(JANK_POOL_LIST), number(2), tag(JANK_POOL_TRUE), tag(JANK_POOL_NIL);
  tag(JANK_POOL_VECTOR), number(1), tag(JANK_POOL_LIST), number(0);
  tag(JANK_POOL_MAP), number(1), tag(JANK_POOL_TRUE), tag(JANK_POOL_NIL);
  tag(JANK_POOL_SET), number(1), tag(JANK_POOL_NIL);
  tag(JANK_POOL_WITH_META), tag(JANK_POOL_VECTOR), number(0);
  tag(JANK_POOL_MAP), number(1), tag(JANK_POOL_TRUE), tag(JANK_POOL_FALSE);
  tag(JANK_POOL_REGEX), string("a+");
  CHECK(decodes());
  static const char *const printed[] = {"(true nil)", "[()]", "{true nil}",
                                        "#{nil}",     "[]",   "#\"a+\""};
  for (int i = 0; i < 6; i++)
    CHECK(strcmp(jank_to_code_string(words[i]), printed[i]) == 0);
  CHECK(coll_get(meta_of(words[4]), JANK_TRUE, JANK_NIL) == JANK_FALSE);
}

static void a_var_is_found_or_made(void) {
  O there = jank_var_intern_c("pool.test", "there");
  begin(3);
  tag(JANK_POOL_VAR), string("pool.test"), string("there");
  tag(JANK_POOL_VAR), again(1), string("made");
  tag(JANK_POOL_VAR), string("pool.new"), again(2);
  CHECK(decodes());
  CHECK(words[0] == there);
  CHECK(words[1] == jank_var_intern_c("pool.test", "made"));
  CHECK(((var_object *)words[1])->root == JANK_UNBOUND);
  CHECK(words[2] == jank_var_intern_c("pool.new", "there"));
}

static void functions_have_a_name_and_arities(void) {
  begin(2);
  tag(JANK_POOL_FN), string("ns"), string("f"), string("1");
  number(2), number(0), signed_number(0), number(2), signed_number(1);
  tag(JANK_POOL_CODE), again(1), again(2), empty();
  number(1), number(2 * 1 + 1), signed_number(-1);
  CHECK(decodes());
  fn_object *f = (fn_object *)words[0];
  CHECK(is_type(words[0], JANK_TYPE_FN));
  CHECK(is_text((O)f->code->name, "ns/f--1") && f->code->patch == JANK_NIL);
  CHECK(jank_call0(words[0]) == fixnum(1));
  CHECK(jank_call1(words[0], fixnum(7)) == fixnum(7));
  code_object *code = (code_object *)words[1];
  CHECK(is_type(words[1], JANK_TYPE_CODE) && is_text((O)code->name, "ns/f"));
  CHECK(code->required == 1 && code->variadic == (void *)one_function);
}

static void a_class_is_found_by_its_name(void) {
  begin(1);
  tag(JANK_POOL_CLASS), string("java.lang.String");
  CHECK(decodes() && is_type(words[0], JANK_TYPE_CLASS));
  begin(1);
  tag(JANK_POOL_CLASS), string("no.such.Class");
  CHECK(is_bad("an unknown class"));
}

static bool meta_is(O meta, const char *key, const char *printed) {
  const char *shown =
      jank_to_code_string(coll_get(meta, keyword(key), JANK_UNBOUND));
  if (strcmp(shown, printed))
    fprintf(stderr, "  :%s is %s\n", key, shown);
  return strcmp(shown, printed) == 0;
}

static void the_metadata_of_a_var_is_read(void) {
  begin(4);
  tag(JANK_POOL_VAR), string("pool.test"), string("v");
  tag(JANK_POOL_PLACED);
  number(JANK_PLACED_ARGLISTS | JANK_PLACED_MACRO | JANK_PLACED_PRIVATE |
         JANK_PLACED_DOC | JANK_PLACED_MAP);
  number(1), tag(JANK_POOL_KEYWORD), empty(), string("own"),
      tag(JANK_POOL_TRUE);
  number(2), number(0), number(2), string("a"), empty(), tag(JANK_POOL_VECTOR),
      number(0);
  string("it does");
  string("file.jank"), signed_number(40), number(3);
  tag(JANK_POOL_PLACED), number(0);
  again(6), signed_number(-7), number(1); /* lines by their distance */
  tag(JANK_POOL_PLACED), number(JANK_PLACED_NAMED);
  empty(), signed_number(0), number(1), string("name"), string("its.ns");
  CHECK(decodes());
  O m = words[1];
  CHECK(meta_is(m, "own", "true") && meta_is(m, "arglists", "([] [a []])"));
  CHECK(meta_is(m, "macro", "true") && meta_is(m, "private", "true"));
  CHECK(meta_is(m, "doc", "\"it does\"") &&
        meta_is(m, "file", "\"file.jank\""));
  CHECK(meta_is(m, "line", "40") && meta_is(m, "column", "3"));
  CHECK(meta_is(m, "name", "v") && meta_is(m, "ns", "pool.test"));
  CHECK(meta_is(words[2], "line", "33") && meta_is(words[2], "name", "v"));
  CHECK(map_count(words[2]) == 5);
  CHECK(meta_is(words[3], "name", "name") && meta_is(words[3], "ns", "its.ns"));
}

static void definitions_are_of_vars_with_code_and_metadata(void) {
  begin(3);
  tag(JANK_POOL_MAP), number(0);
  tag(JANK_POOL_VAR), string("pool.test"), string("f");
  tag(JANK_POOL_VAR), again(1), string("g");
  number(2);
  signed_number(1), number(1), number(0), signed_number(0), signed_number(-1);
  signed_number(1), number(1), number(2), signed_number(1), signed_number(0);
  has_definitions = true;
  O exception, result = decode_and_free(&exception);
  has_definitions = false;
  CHECK(is_type(result, JANK_TYPE_ARRAY));
  const array_object *a = (array_object *)result;
  CHECK(a->count == 2 * POOL_DEFINITION_WORDS);
  CHECK(is_text((O)((code_object *)a->items[0])->name, "pool.test/f"));
  CHECK(a->items[1] == words[1] && a->items[2] == words[0]);
  CHECK(((code_object *)a->items[3])->entries[1] == (void *)other_function);
  CHECK(a->items[4] == words[2] && a->items[5] == JANK_NIL);
}

static void without_an_array_a_function_is_a_slot_of_the_table(void) {
  begin(1);
  tag(JANK_POOL_CODE), empty(), string("f"), empty();
  number(1), number(0), signed_number(4);
  pool_target t = {.words = words, .table_base = 1000, .function_count = 5};
  pool_decode((const uint8_t *)pool.data, pool.size, &t, false);
  CHECK(((code_object *)words[0])->entries[0] == (void *)1004);
}

/* ---- What is bad ------------------------------------------------------------------- */

static void a_count_is_of_what_there_is(void) {
  begin(100);
  CHECK(is_bad("a length goes past its end"));
  begin(UINT64_MAX);
  CHECK(is_bad("goes past its end"));
  buffer_clear(&pool);
  CHECK(is_bad("it ends too early"));
  static const int kinds[] = {JANK_POOL_LIST, JANK_POOL_VECTOR, JANK_POOL_MAP,
                              JANK_POOL_SET};
  static const uint64_t counts[] = {2, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX};
  for (size_t i = 0; i < COUNT(kinds); i++)
    for (size_t k = 0; k < COUNT(counts); k++) {
      begin(1);
      tag(kinds[i]), number(counts[k]), tag(JANK_POOL_NIL);
      CHECK(is_bad("a length goes past its end"));
    }
  begin(1);
  tag(JANK_POOL_STRING), number(UINT64_MAX), buffer_text(&pool, "abc");
  CHECK(is_bad("a length goes past its end"));
}

static void a_number_is_in_its_range(void) {
  begin(1);
  tag(JANK_POOL_STRING), again(1);
  CHECK(is_bad("a string's number is too large"));
  begin(1);
  tag(JANK_POOL_CHARACTER), number(0x110000);
  CHECK(is_bad("a character is out of range"));
  begin(1);
  tag(JANK_POOL_INTEGER);
  for (int i = 0; i < 11; i++)
    buffer_byte(&pool, 0x80);
  CHECK(is_bad("a number is too long"));
  static const int64_t far[] = {2, -1, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < COUNT(far); i++) {
    begin(1);
    tag(JANK_POOL_FN), empty(), string("f"), empty();
    number(1), number(0), signed_number(far[i]);
    CHECK(is_bad("a function number is too large"));
  }
  begin(1);
  tag(JANK_POOL_BIGNUM), string("12x");
  CHECK(is_bad("a number cannot be read"));
}

static void an_arity_is_one_there_may_be_and_comes_once(void) {
  static const uint64_t arities[] = {2 * 21, 2 * 21 + 1, UINT64_MAX,
                                     UINT64_MAX - 1, UINT64_C(1) << 33};
  for (size_t i = 0; i < COUNT(arities); i++) {
    begin(1);
    tag(JANK_POOL_CODE), empty(), string("f"), empty();
    number(1), number(arities[i]), signed_number(0);
    CHECK(is_bad("a function has a wrong arity"));
  }
  begin(1);
  tag(JANK_POOL_CODE), empty(), string("f"), empty();
  number(2), number(2), signed_number(0), number(2), signed_number(0);
  CHECK(is_bad("wrong arity"));
}

static void a_kind_is_known_and_metadata_has_its_var(void) {
  for (int kind = JANK_POOL_PLACED + 1; kind < 256; kind++) {
    begin(1);
    tag(kind);
    CHECK(is_bad("an unknown kind of constant"));
  }
  begin(1);
  tag(JANK_POOL_PLACED), number(0), empty(), signed_number(1), number(1);
  CHECK(is_bad("metadata without a var"));
  begin(1);
  tag(JANK_POOL_PLACED), number(JANK_PLACED_MAP), number(20);
  for (int i = 0; i < 40; i++)
    tag(JANK_POOL_NIL);
  CHECK(is_bad("too much metadata"));
}

static void nesting_ends(void) {
  begin(1);
  for (int i = 0; i < 100000; i++)
    tag(JANK_POOL_VECTOR), number(1);
  tag(JANK_POOL_NIL);
  CHECK(is_bad("nested too deeply"));
  begin(1);
  for (int i = 0; i < 100000; i++)
    tag(JANK_POOL_WITH_META);
  CHECK(is_bad("nested too deeply"));
  begin(1);
  for (int i = 0; i < 900; i++)
    tag(JANK_POOL_VECTOR), number(1);
  tag(JANK_POOL_NIL);
  CHECK(decodes());
}

static void a_definition_is_of_a_var_of_the_pool(void) {
  static const int64_t numbers[] = {2, -1, INT64_MAX, INT64_MIN};
  has_definitions = true;
  for (size_t i = 0; i < COUNT(numbers); i++)
    for (int which = 0; which < 2; which++) {
      begin(2);
      tag(JANK_POOL_VAR), string("pool.test"), string("f");
      tag(JANK_POOL_NIL);
      number(1), signed_number(which ? 0 : numbers[i]);
      number(0), signed_number(which ? numbers[i] : 0);
      CHECK(is_bad("a constant's number is too large"));
    }
  begin(1);
  tag(JANK_POOL_NIL);
  number(1), signed_number(0), number(0), signed_number(0);
  CHECK(is_bad("a definition without a var"));
  begin(1);
  tag(JANK_POOL_NIL);
  CHECK(is_bad("it ends too early"));
  has_definitions = false;
}

/* ---- Any bytes --------------------------------------------------------------------- */

static void make_large(void) {
  begin(12);
  tag(JANK_POOL_VAR), string("pool.any"), string("v");
  tag(JANK_POOL_PLACED), number(31), number(1), tag(JANK_POOL_NIL),
      tag(JANK_POOL_TRUE), number(1), number(1), again(1), again(1), again(2),
      signed_number(3), number(1);
  tag(JANK_POOL_FN), again(1), again(2), string("1"), number(2), number(0),
      signed_number(1), number(3), signed_number(-1);
  tag(JANK_POOL_DOUBLE), buffer_add(&pool, "12345678", 8);
  tag(JANK_POOL_MAP), number(2), tag(JANK_POOL_STRING), again(1),
      tag(JANK_POOL_SET), number(1), tag(JANK_POOL_KEYWORD), again(1), again(2),
      tag(JANK_POOL_CHARACTER), number(65), tag(JANK_POOL_NIL);
  tag(JANK_POOL_WITH_META), tag(JANK_POOL_SYMBOL), empty(), again(1),
      tag(JANK_POOL_MAP), number(0);
  tag(JANK_POOL_REGEX), string("[a-z]+(x|y)");
  tag(JANK_POOL_BIGNUM), string("1/3");
  tag(JANK_POOL_CLASS), string("Object");
  tag(JANK_POOL_INSTANCE), again(6), number(0);
  tag(JANK_POOL_LIST), number(3), tag(JANK_POOL_TRUE), tag(JANK_POOL_INTEGER),
      signed_number(-1000000), tag(JANK_POOL_VECTOR), number(0);
  tag(JANK_POOL_STRING), string("\xff\xf0");
  number(1), signed_number(0), number(1), number(2), signed_number(0),
      signed_number(1);
}

static void a_pool_that_is_cut_anywhere_is_an_exception(void) {
  has_definitions = true;
  make_large();
  CHECK(decodes());
  size_t whole = pool.size;
  uint32_t wrong = 0;
  for (pool.size = 0; pool.size < whole; pool.size++) {
    O exception, result = decode_and_free(&exception);
    wrong += result != JANK_UNBOUND || !message_of(exception)[0];
  }
  CHECK(wrong == 0);
  has_definitions = false;
}

static void no_bytes_do_more_than_throw(void) {
  uint32_t seed = 11, wrong = 0;
  make_large();
  buffer kept = {0};
  buffer_add(&kept, pool.data, pool.size);
  for (int round = 0; round < SCALED(20000); round++) {
    buffer_clear(&pool);
    buffer_add(&pool, kept.data, kept.size);
    for (int k = 0; k < 1 + round % 4; k++) {
      seed = seed * 1664525u + 1013904223u;
      char *at = &pool.data[(seed >> 8) % pool.size];
      *at = (char)(seed >> 24 & 3 ? (seed >> 16) % 24 : seed >> 16);
    }
    has_definitions = round & 1;
    O exception, result = decode_and_free(&exception);
    wrong += result == JANK_UNBOUND && !is_type(exception, JANK_TYPE_EXCEPTION);
    for (int i = 0; i < WORDS && result != JANK_UNBOUND; i++)
      value_hash(words[i]); /* whatever it is, it is a value */
  }
  CHECK(wrong == 0);
  has_definitions = false;
  buffer_free(&kept);
}

static const struct test tests[] = {
    TEST(simple_values_are_read),
    TEST(names_are_read_and_a_text_that_comes_again_is_shared),
    TEST(collections_are_read),
    TEST(a_var_is_found_or_made),
    TEST(functions_have_a_name_and_arities),
    TEST(a_class_is_found_by_its_name),
    TEST(the_metadata_of_a_var_is_read),
    TEST(definitions_are_of_vars_with_code_and_metadata),
    TEST(without_an_array_a_function_is_a_slot_of_the_table),
    TEST(a_count_is_of_what_there_is),
    TEST(a_number_is_in_its_range),
    TEST(an_arity_is_one_there_may_be_and_comes_once),
    TEST(a_kind_is_known_and_metadata_has_its_var),
    TEST(nesting_ends),
    TEST(a_definition_is_of_a_var_of_the_pool),
    TEST(a_pool_that_is_cut_anywhere_is_an_exception),
    TEST(no_bytes_do_more_than_throw),
};

static void start(void) {
  start_values();
  gc_add_root_range(words, WORDS);
}

MAIN(start, tests)
