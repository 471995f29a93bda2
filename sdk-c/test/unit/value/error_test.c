/* Exceptions as values: what they are made of, what their messages say and how long
 * they get; a value in a message is shown shortly, whatever it is; the one that
 * interrupts. */
#include "base/fail.h"
#include "base/grow.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/vector.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/word.h"
#include "values.h"

static void an_exception_has_what_it_was_made_of(void) {
  O message = text("it broke"),
    cause = error_make("A", JANK_NIL, JANK_NIL, JANK_NIL);
  O data = map_assoc(map_empty, keyword("a"), fixnum(1));
  exception_object *e =
      (exception_object *)error_make("ExceptionInfo", message, data, cause);
  jank_collect_garbage();
  CHECK(is_type(&e->header, JANK_TYPE_EXCEPTION));
  CHECK(is_text(&e->class_name->header, "ExceptionInfo"));
  CHECK(e->message == message && e->data == data && e->cause == cause);
  CHECK(is_text(message, "it broke"));
  CHECK(is_text((O)((exception_object *)cause)->class_name, "A"));
  CHECK(!e->interrupts && e->host == JANK_NIL);
}

static O throw_formatted(void *context) {
  error_throw("ArithmeticException", "%s: %d of %s", "divide", 3,
              (const char *)context);
}

static void what_is_thrown_has_its_class_and_message(void) {
  CHECK(throws(throw_formatted, "zero", "ArithmeticException",
               "divide: 3 of zero"));
}

static void a_long_message_is_cut_between_characters(void) {
  char even[2000] = "", odd[2000] = "a";
  while (strlen(even) < 1900) {
    strcat(even, "\xc3\xa9");
    strcat(odd, "\xc3\xa9");
  }
  const char *texts[] = {even, odd};
  for (size_t i = 0; i < COUNT(texts); i++) {
    const char *message = message_of(thrown(throw_formatted, (void *)texts[i]));
    CHECK(strlen(message) > 500 && strlen(message) < 512);
    CHECK(!strstr(message, "\xef\xbf\xbd")); /* no half of one */
  }
}

typedef struct {
  const char *expected;
  O got;
} type_case;

static O throw_type(void *context) {
  type_case *c = context;
  error_type("inc", c->expected, c->got);
}

static void a_type_error_says_who_wanted_what_and_what_there_was(void) {
  const struct {
    O got;
    const char *says;
  } cases[] = {
      {JANK_NIL, "inc: expected a number, got nil: nil"},
      {text("a"), "inc: expected a number, got String: \"a\""},
      {JANK_TRUE, "got Boolean: true"},
      {make_char('x'), "got Character: \\x"},
      {fixnum(-1), "got Long: -1"},
      {integer(INT64_MAX), "got Long: 9223372036854775807"},
      {jank_box_double(1.5), "got Double: 1.5"},
      {keyword("k"), "got Keyword: :k"},
      {symbol("s"), "got Symbol: s"},
      {vector_empty, "got PersistentVector: []"},
      {list_empty, "got PersistentList: ()"},
      {map_empty, "got PersistentHashMap: {}"},
      {JANK_UNBOUND, "got Unbound: "},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    type_case c = {"a number", cases[i].got};
    CHECK(throws(throw_type, &c, "ClassCastException", cases[i].says));
  }
}

static void what_a_message_shows_is_short(void) {
  O many = vector_empty, deep = vector_empty;
  for (int i = 0; i < 1000; i++) {
    many = vector_conj(many, fixnum(i));
    deep = jank_make_vector(1, &deep);
  }
  buffer long_text = {0};
  for (int i = 0; i < 5000; i++)
    buffer_text(&long_text, "\xe2\x82\xac");
  O values[] = {many, deep, &string_from_buffer(&long_text)->header,
                jank_make_map(1, (O[]){many, deep})};
  for (size_t i = 0; i < COUNT(values); i++) {
    const char *shown = error_shown(values[i]);
    size_t n = strlen(shown);
    CHECK(n > 3 && n <= 80);
    CHECK(strstr(shown, "...") || strstr(shown, "#")); /* left out */
    CHECK(!strstr(shown, "\xef\xbf\xbd"));
  }
}

static void every_value_has_a_class(void) {
  CHECK(strcmp(error_class_name(text("")), "java.lang.String") == 0);
  CHECK(strcmp(error_class_name(fixnum(1)), "java.lang.Long") == 0);
  CHECK(strcmp(error_class_name(JANK_TRUE), "java.lang.Boolean") == 0);
  CHECK(strcmp(error_type_name(JANK_NIL), "nil") == 0);
  CHECK(strcmp(error_type_name(JANK_UNBOUND), "Unbound") == 0);
}

static O want(void *o) { return &error_want_string("trim", o)->header; }

static void a_string_is_wanted_and_else_it_is_an_error(void) {
  O s = text("s");
  CHECK((O)error_want_string("trim", s) == s);
  CHECK(throws(want, fixnum(1), "ClassCastException",
               "trim: expected a string, got Long: 1"));
  CHECK(throws(want, JANK_NIL, "ClassCastException", "got nil"));
}

static void the_one_that_interrupts_is_told_apart(void) {
  O e = error_interrupt();
  CHECK(error_is_interrupt(e));
  CHECK(is_exception(e, "InterruptedException", "interrupted"));
  O other = error_make("InterruptedException", JANK_NIL, JANK_NIL, JANK_NIL);
  CHECK(!error_is_interrupt(other)); /* a program may make that one */
  CHECK(!error_is_interrupt(JANK_NIL) && !error_is_interrupt(text("x")));
}

/* ---- What the lower floor throws by this one -------------------------------------- */

static O fail_memory(void *context) { fail_out_of_memory(); }
static O fail_other(void *context) { fail_unsupported("100 %s"); }
static O grow_too_far(void *context) {
  size_t capacity = 0;
  return grow(NULL, &capacity, SIZE_MAX / 4, 8);
}

static void the_lower_floor_fails_by_exceptions(void) {
  CHECK(throws(fail_memory, NULL, "OutOfMemoryError", "out of memory"));
  CHECK(throws(fail_other, NULL, "UnsupportedOperationException", "100 %s"));
  CHECK(throws(grow_too_far, NULL, "OutOfMemoryError", ""));
}

static const struct test tests[] = {
    TEST(an_exception_has_what_it_was_made_of),
    TEST(what_is_thrown_has_its_class_and_message),
    TEST(a_long_message_is_cut_between_characters),
    TEST(a_type_error_says_who_wanted_what_and_what_there_was),
    TEST(what_a_message_shows_is_short),
    TEST(every_value_has_a_class),
    TEST(a_string_is_wanted_and_else_it_is_an_error),
    TEST(the_one_that_interrupts_is_told_apart),
    TEST(the_lower_floor_fails_by_exceptions),
};

MAIN(start_values, tests)
