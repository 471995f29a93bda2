/* Numbers, strings and regular expressions as a program sees them: calls of
 * builtins on literals, and what they print; then strings and collections of
 * garbage as C sees them. */
#include "base/buffer.h"
#include "collection/list.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "read/reader.h"
#include "runtime/fn.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "test.h"
#include "value/error.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef jank_object *O;

static const char *const cases[][2] = {
    /* numbers: every notation */
    {"0", "0"},
    {"-0", "0"},
    {"+7", "7"},
    {"007", "7"},
    {"0xFF", "255"},
    {"-0x10", "-16"},
    {"2r1010", "10"},
    {"36rZ", "35"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"9223372036854775808", "9223372036854775808N"},
    {"12N", "12N"},
    {"1.5M", "1.5M"},
    {"4/2", "2"},
    {"6/4", "3/2"},
    {"-1/2", "-1/2"},
    {"1e3", "1000.0"},
    {"1.", "1.0"},
    {"-2.50", "-2.5"},
    {"1e400", "##Inf"},
    {"5e-324", "4.9E-324"},
    {"9007199254740993.0", "9.007199254740992E15"},
    {"1.0E7", "1.0E7"},
    {"9999999.0", "9999999.0"},
    {"0.0009", "9.0E-4"},
    {"0x", "error: Invalid number"},
    {"08", "error: Invalid number"},
    {"1e", "error: Invalid number"},
    {"2r2", "error: Invalid number"},
    {"1a", "error: Invalid number"},
    {"1/0", "error: Divide by zero"},
    {"(+ 1 12N)", "13N"},
    {"(parse-double \"1e3\")", "1000.0"},
    {"(parse-double \" 1 \")", "1.0"},
    {"(parse-double \"Infinity\")", "##Inf"},
    {"(parse-long \"-9223372036854775808\")", "-9223372036854775808"},
    {"(parse-long \"\")", "nil"},
    {"(parse-long \"+\")", "nil"},
    {"(int 2147483648)", "error: out of range"},
    {"(long 1e30)", "error: out of range"},
    {"(/ 1.0 0)", "##Inf"},
    {"(/ 1 3)", "1/3"},
    {"(mod -7 9223372036854775807)", "9223372036854775800"},
    {"(Math/sqrt 2)", "1.4142135623730951"},
    {"(Math/round -2.5)", "-2"},
    {"(Math/round 0.49999999999999994)", "0"},
    {"(clojure.math/floor-div -7 2)", "-4"},
    {"(Math/pow 1 ##NaN)", "##NaN"},
    {"(< 1700000000000 (System/currentTimeMillis))", "true"},
    {"(str ##Inf 12N 1.5M)", "\"Infinity121.5\""},

    /* strings: halves of pairs */
    {"(count \"a\\uD83D\\uDE00\")", "3"},
    {"(= \"\\uD83D\\uDE00\" (str \\uD83D \\uDE00))", "true"},
    {"(= (subs \"a\\uD83D\\uDE00b\" 1 2) (str \\uD83D))", "true"},
    {"(= (str (subs \"\\uD83D\\uDE00\" 0 1) (subs \"\\uD83D\\uDE00\" 1)) "
     "\"\\uD83D\\uDE00\")",
     "true"},
    {"(str/reverse \"a\\uD83D\\uDE00\")", "\"\xf0\x9f\x98\x80"
                                          "a\""},
    {"(str/trim \"\\u2003x\\u3000\")", "\"x\""},
    {"(str/upper-case \"stra\\u00dfe \\u0436\")", "\"STRASSE \xd0\x96\""},
    {"(str/replace \"abc\" \"\" \"-\")", "\"-a-b-c-\""},
    {"(str/last-index-of \"abcabc\" \"c\" 4)", "2"},
    {"(str/index-of \"abc\" \"\" 9)", "3"},
    {"(str/split \"a--b\" #\"-\")", "[\"a\" \"\" \"b\"]"},
    {"(str/split \"--\" #\"-\")", "[]"},
    {"(str/replace \"a.b\" \".\" \"$1\")", "\"a$1b\""},
    {"(str/replace \"ab\" #\"b\" \"\\\\$\")", "\"a$\""},
    {"(str/replace \"ab\" #\"b\" \"$1\")", "error: No group 1"},
    {"(str/replace \"a\\u00e9b\" #\"\" \"-\")", "\"-a-\xc3\xa9-b-\""},
    {"(str/upper-case nil)", "error: upper-case: expected a string, got nil"},

    /* format */
    {"(format \"%,d\" 1234567)", "\"1,234,567\""},
    {"(format \"%08.3f|\" -3.14159)", "\"-003.142|\""},
    {"(format \"%.2f\" 1.005)", "\"1.01\""},
    {"(format \"%.0f\" 0.5)", "\"1\""},
    {"(format \"%.3f\" 9.9996)", "\"10.000\""},
    {"(format \"%f\" 1e20)", "\"100000000000000000000.000000\""},
    {"(format \"%.3f\" 1e-9)", "\"0.000\""},
    {"(format \"%e\" 12345.678)", "\"1.234568e+04\""},
    {"(format \"%E\" 0.0)", "\"0.000000E+00\""},
    {"(format \"%g\" 0.0001)", "\"0.000100000\""},
    {"(format \"%x %X %o\" -1 255 8)", "\"ffffffffffffffff FF 10\""},
    {"(format \"%c%c\" \\a 98)", "\"ab\""},
    {"(format \"%b %b %S\" nil 1 \"x\")", "\"false true X\""},
    {"(format \"%2$s %1$s %<s\" 1 2)", "\"2 1 1\""},
    {"(format \"%s\" nil)", "\"null\""},
    {"(format \"%.2s|%-4s|\" \"abc\" \"d\")", "\"ab|d   |\""},
    {"(format \"%(d %+d\" -5 5)", "\"(5) +5\""},
    {"(format \"%n%%\")", "\"\\n%\""},
    {"(format \"%d\" 1.5)", "error: expected an integer, got Double: 1.5"},
    {"(format \"%f\" 1)", "error: expected a double"},
    {"(format \"%d\")", "error: has no argument"},
    {"(format \"%q\" 1)", "error: not a known conversion"},
    {"(format \"%\")", "error: ends without"},
    {"(format \"%-d\" 1)", "error: no width"},
    {"(format \"%99999999999d\" 1)", "error: too wide"},

    /* regular expressions */
    {"(re-find #\"a|ab\" \"ab\")", "\"a\""},
    {"(re-matches #\"a|ab\" \"ab\")", "\"ab\""},
    {"(re-find #\"a.*?b\" \"aXbXb\")", "\"aXb\""},
    {"(re-find #\"(a+)*b\" \"aab\")", "[\"aab\" \"aa\"]"},
    {"(re-find #\"(?:a|b)+c\" \"ababc\")", "\"ababc\""},
    {"(re-find #\"x(?=y)\" \"xz xy\")", "\"x\""},
    {"(re-seq #\"\\w+(?!\\w|:)\" \"ab: cd\")", "(\"cd\")"},
    {"(re-find #\"(?<=\\$)\\d+\" \"1 $23\")", "\"23\""},
    {"(re-find #\"(\\w)\\1\" \"hello\")", "[\"ll\" \"l\"]"},
    {"(re-find #\"(?<y>\\d{4})-(\\d\\d?)\" \"on 2024-5\")",
     "[\"2024-5\" \"2024\" \"5\"]"},
    {"(re-find #\"[^\\]a-c-]+\" \"a-]xyz\")", "\"xyz\""},
    {"(re-find #\"a{2,3}\" \"aaaa\")", "\"aaa\""},
    {"(re-find #\"a{2,}?\" \"aaaa\")", "\"aa\""},
    {"(re-find #\"a{,2}\" \"a{,2}\")", "\"a{,2}\""},
    {"(re-seq #\"(?m)^\\w\" \"ab\\ncd\")", "(\"a\" \"c\")"},
    {"(re-seq #\"\\bx\" \"x ax x\")", "(\"x\" \"x\")"},
    {"(re-find #\"(?s)a.b\" \"a\\nb\")", "\"a\\nb\""},
    {"(re-find #\"a.b\" \"a\\nb\")", "nil"},
    {"(re-find #\"\\p{Upper}[\\s\\S]\" \"aB\\n\")", "\"B\\n\""},
    {"(re-find #\".\" \"\xf0\x9f\x98\x80\")", "\"\xf0\x9f\x98\x80\""},
    {"(re-find #\"(a)|(b)\" \"b\")", "[\"b\" nil \"b\"]"},
    {"(re-seq #\"a*\" \"ab\")", "(\"a\" \"\" \"\")"},
    {"(re-pattern \"(\")", "error: missing closing parenthesis"},
    {"(re-pattern \"[a\")", "error: missing terminating ]"},
    {"(re-pattern \"*\")", "error: not follow a repeatable item"},
    {"(re-pattern \"a)\")", "error: unmatched closing parenthesis"},
    {"(re-pattern \"a{2,1}\")", "error: numbers out of order"},
    {"(re-pattern \"(*ACCEPT)\")", "error: Nothing to repeat"},
    {"(re-pattern \"a(?i)b\")", "error: Invalid group"},
    {"(re-pattern \"a\\\\Kb\")", "error: Invalid escape"},
    {"(re-find #\"(a|aa)+$\" "
     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\")",
     "error: too many steps"},
    {"(re-find 1 \"a\")", "error: expected a regular expression"},
};

/* ---- The smallest evaluator: calls of vars on literals ----------------------
 */

static bool unsupported; /* the form needs a macro or a var of core.jank */
static int test_skipped;

static O value_of(O form);

static O call(O form) {
  O f = value_of(seq_first(form)), args = vector_empty;
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next(s))
    args = vector_conj(args, value_of(seq_first(s)));
  return fn_apply(f, seq(args));
}

static O value_of(O form) {
  if (is_type(form, JANK_TYPE_LIST) && !unsupported)
    return call(form);
  if (!is_type(form, JANK_TYPE_SYMBOL))
    return form;
  symbol_object *s = (symbol_object *)form;
  const char *ns = !s->ns                            ? "clojure.core"
                   : strcmp(s->ns->text, "str") == 0 ? "clojure.string"
                                                     : s->ns->text;
  namespace_object *space = ns_find(symbol_from(NULL, ns));
  var_object *var =
      space ? var_resolve(space, symbol_from(NULL, s->name->text)) : NULL;
  if (!var || var->root == JANK_UNBOUND || (var->header.flags & VAR_MACRO)) {
    unsupported = true;
    error_throw("IllegalStateException", "no %s/%s", ns, s->name->text);
  }
  return var->root;
}

static O evaluate(void *source) {
  reader r;
  O form;
  reader_init(&r, source, strlen(source), "test", 1);
  span where;
  return reader_read(&r, &form, &where) ? value_of(form) : JANK_NIL;
}

/* "error: part": the message contains the part. */
static bool gives(const char *source, const char *expected) {
  O value, exception;
  unsupported = false;
  char *copy = strdup(source);
  bool ok = throw_catch(evaluate, copy, &value, &exception);
  free(copy);
  const char *shown =
      ok ? jank_to_code_string(value)
         : ((string_object *)((exception_object *)exception)->message)->text;
  if (unsupported) {
    test_skipped++;
    return true;
  }
  bool error = strncmp(expected, "error: ", 7) == 0;
  bool same = error ? !ok && strstr(shown, expected + 7)
                    : ok && strcmp(shown, expected) == 0;
  if (!same)
    fprintf(stderr, "%s\n  gives %s%s\n  not   %s\n", source,
            ok ? "" : "error: ", shown, expected);
  return same;
}

static void test_literals(void) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK(gives(cases[i][0], cases[i][1]));
  printf("%d skipped\n", test_skipped);
}

/* ---- Strings from C
 * ----------------------------------------------------------- */

static void test_strings(void) {
  string_object *s = string_make("a\xff"
                                 "b",
                                 3);
  CHECK(strcmp(s->text, "a\xef\xbf\xbd"
                        "b") == 0 &&
        s->units == 3);
  s = string_make("\xe6\x97\xa5x\xf0\x9f\x98\x80y", 9);
  CHECK(s->units == 5 && s->bytes == 9);
  CHECK(string_unit(s, 0) == 0x65e5 && string_unit(s, 1) == 'x');
  CHECK(string_unit(s, 2) == 0xd83d && string_unit(s, 3) == 0xde00);
  CHECK(string_unit(s, 4) == 'y' && string_unit(s, 0) == 0x65e5);
  CHECK(string_byte_offset(s, 4) == 8 && string_byte_offset(s, 5) == 9);
  /* two encoded halves are one character */
  s = string_make("\xed\xa0\xbd\xed\xb8\x80", 6);
  CHECK(s->bytes == 4 && s->units == 2);
  /* the place remembered for one string is not another's */
  uint32_t wrong = 0;
  for (int i = 0; i < 2000; i++) {
    buffer b = {0};
    for (int k = 0; k < i % 50; k++)
      buffer_text(&b, k % 3 ? "\xc3\xa9" : "z");
    buffer_text(&b, "!");
    s = string_from_buffer(&b);
    wrong += string_unit(s, s->units - 1) != '!';
    if (i % 100 == 0)
      jank_collect_garbage();
  }
  CHECK(wrong == 0);
}

static const struct test tests[] = {
    TEST(test_literals),
    TEST(test_strings),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  CHECK(jank_runtime_init() == 0);
  RUN_TESTS(tests);
  return test_report();
}
