/* Inferred types: what is known to be a number, by what it is made of; a local is
 * unboxed when all that it gets is of one type and no closure captures it; what a
 * loop does not change and compares with its integers is found. */
#include "emit/program.h"
#include "emit/types.h"
#include "value/word.h"

/* In (fn* [w] ...): w is a word. `l` is 7, `d` 1.5 * 1. */
static value_type type_of(const char *expression) {
  char source[400];
  snprintf(source, sizeof source,
           "(def f (fn* [w] (let* [l (long w) d (double w)] %s)))", expression);
  program *p = program_of(source);
  notes k = notes_make(p);
  types_infer(&k, p->methods[0]);
  value_type t = types_of(&k, p->methods[0]->body->a);
  ast_program_free(p);
  return t;
}

static void an_expression_has_the_type_of_its_parts(void) {
  static const struct {
    const char *expression;
    value_type type;
  } cases[] = {{"1", VALUE_LONG},
               {"1.5", VALUE_DOUBLE},
               {"10000000000", VALUE_LONG},
               {"nil", VALUE_WORD},
               {"\\a", VALUE_WORD},
               {"\"s\"", VALUE_WORD},
               {"1N", VALUE_WORD},
               {"w", VALUE_WORD},
               {"l", VALUE_LONG},
               {"d", VALUE_DOUBLE},
               {"(+ l 1)", VALUE_LONG},
               {"(+ l w)", VALUE_WORD},
               {"(+ l d)", VALUE_DOUBLE},
               {"(- d 1)", VALUE_DOUBLE},
               {"(* l l l)", VALUE_LONG},
               {"(inc l)", VALUE_LONG},
               {"(inc w)", VALUE_WORD},
               {"(/ l l)", VALUE_WORD}, /* 1/2 */
               {"(/ l d)", VALUE_DOUBLE},
               {"(quot l 2)", VALUE_LONG},
               {"(quot d 2)", VALUE_WORD},
               {"(rem l w)", VALUE_WORD},
               {"(bit-and l 1)", VALUE_LONG},
               {"(bit-shift-left l 3)", VALUE_LONG},
               {"(bit-xor w l)", VALUE_WORD},
               {"(< l 1)", VALUE_WORD}, /* true or false */
               {"(= l l)", VALUE_WORD},
               {"(long w)", VALUE_LONG},
               {"(double l)", VALUE_DOUBLE},
               {"(if w l 1)", VALUE_LONG},
               {"(if w l 1.5)", VALUE_WORD},
               {"(if w l w)", VALUE_WORD},
               {"(if w l (throw w))", VALUE_LONG},
               {"(throw w)", VALUE_NONE},
               {"(do w l)", VALUE_LONG},
               {"(let* [x l] (+ x 1))", VALUE_LONG},
               {"(loop* [i 0] (if (< i l) (recur (inc i)) i))", VALUE_LONG},
               {"(first w)", VALUE_WORD},
               {"[l]", VALUE_WORD},
               {"(fn* [] l)", VALUE_WORD}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    value_type t = type_of(cases[i].expression);
    if (t != cases[i].type)
      fprintf(stderr, "  %s is %d\n", cases[i].expression, t);
    CHECK(t == cases[i].type);
  }
}

/* The types of the locals of the n-th let or loop of (fn* [w] ...), as letters. */
static const char *locals_of(const char *body, node_kind kind, int number) {
  static char letters[8];
  char source[400];
  snprintf(source, sizeof source, "(def f (fn* [w] %s))", body);
  program *p = program_of(source);
  notes k = notes_make(p);
  const method *m = method_of(p, 1);
  types_infer(&k, m);
  const node *n = node_at(m, kind, number);
  int i = 0;
  for (; n && i < n->count; i++)
    letters[i] = "wld"[notes_local(&k, n->locals[i])->type];
  letters[i] = 0;
  ast_program_free(p);
  return letters;
}

#define LOOP(body, expected)                                                   \
  CHECK(strcmp(locals_of(body, NODE_LOOP, 0), expected) == 0)
#define LET(body, expected)                                                    \
  CHECK(strcmp(locals_of(body, NODE_LET, 0), expected) == 0)

static void a_loop_local_is_what_every_recur_gives_it(void) {
  LOOP("(loop* [i 0] (if (< i w) (recur (inc i)) i))", "l");
  LOOP("(loop* [i 0 d 1.5] (if w (recur (inc i) (* d 2)) d))", "ld");
  LOOP("(loop* [i 0] (if w (recur w) i))", "w");
  LOOP("(loop* [i 0] (if w (recur 1.5) i))", "w");
  LOOP("(loop* [i 0] (if w (recur (/ i 2)) i))", "w");
  LOOP("(loop* [i w] (if w (recur (inc i)) i))", "w");
  LOOP("(loop* [a 0 b 0] (if w (recur b w) a))", "ww"); /* by way of b */
  LOOP("(loop* [a 0 b 0 c 0] (if w (recur b c (inc c)) a))", "lll");
  LOOP("(loop* [a 0 b 0] (if w (recur (inc a) 1) (recur a 1.5)))", "lw");
  LOOP("(loop* [i 0] (if w (recur (if w (inc i) (throw w))) i))", "l");
}

static void what_a_closure_captures_is_a_word(void) {
  LOOP("(loop* [i 0] (if w (recur (inc i)) (fn* [] i)))", "w");
  LOOP("(loop* [i 0 k 0] (if w (recur (inc i) (inc k)) (fn* [] k)))", "lw");
  LET("(let* [x (+ 1 2)] (fn* [] x))", "w");
  LET("(let* [x (+ 1 2) y (+ x 1)] (fn* [] x))", "ww"); /* of a word and 1 */
  LET("(let* [x (+ 1 2)] (fn* [] (fn* [] x)))", "w");
}

static void a_let_local_has_the_type_of_its_value(void) {
  LET("(let* [x (+ 1 2)] x)", "l");
  LET("(let* [x 1] x)", "l");
  LET("(let* [x 1.5] x)", "w"); /* the object that it is */
  LET("(let* [x (* 2 1.5)] x)", "d");
  LET("(let* [x w] x)", "w");
  LET("(let* [x (loop* [i 0] (if w (recur (inc i)) i))] x)", "l");
  LET("(let* [x (loop* [i 0] (if w (recur w) i))] x)", "w");
}

static void an_inner_loop_that_changes_its_mind_changes_the_outer(void) {
  const char *body = "(loop* [a 0] (if w (recur (loop* [b a] (if w (recur w) "
                     "b))) a))";
  CHECK(strcmp(locals_of(body, NODE_LOOP, 0), "w") == 0);
  CHECK(strcmp(locals_of(body, NODE_LOOP, 1), "w") == 0);
}

static void both_sides_are_known_or_not(void) {
  program *p = program_of("(def f (fn* [w] (let* [l (long w)] (+ (+ l 1) (+ l "
                          "w)))))");
  notes k = notes_make(p);
  types_infer(&k, p->methods[0]);
  const node *sum = p->methods[0]->body->a;
  CHECK(!types_known(&k, sum) && types_known(&k, sum->items[0]) &&
        !types_known(&k, sum->items[1]));
  ast_program_free(p);
}

static int invariants_of(const char *body, int most, char *names) {
  char source[400];
  local *found[8];
  snprintf(source, sizeof source, "(def f (fn* [n m] %s))", body);
  program *p = program_of(source);
  notes k = notes_make(p);
  types_infer(&k, p->methods[0]);
  int count =
      types_invariants(&k, node_at(p->methods[0], NODE_LOOP, 0), found, most);
  for (int i = 0; i < count; i++)
    names[i] = found[i]->name[0];
  names[count] = 0;
  ast_program_free(p);
  return count;
}

static void what_a_loop_leaves_as_it_is_is_an_invariant(void) {
  char names[9];
  CHECK(invariants_of("(loop* [i 0] (if (< i n) (recur (inc i)) i))", 4,
                      names) == 1 &&
        names[0] == 'n');
  CHECK(invariants_of("(loop* [i 0] (if (< i n) (recur (+ i m)) i))", 4,
                      names) == 0); /* i is a word: (+ i m) may be anything */
  CHECK(invariants_of("(loop* [i 0 s 0] (if (< i n) (recur (inc i) (do (< i m) "
                      "s)) s))",
                      4, names) == 2 &&
        strcmp(names, "nm") == 0);
  CHECK(invariants_of("(loop* [i 0 s 0] (if (< i n) (recur (inc i) (do (< i m) "
                      "s)) s))",
                      1, names) == 1); /* no more than there is room for */
  CHECK(invariants_of("(loop* [i 0 k n] (if (< i k) (recur (inc i) (rest k)) "
                      "i))",
                      4, names) == 0); /* k is the loop's own */
  CHECK(invariants_of("(loop* [i 0] (if (< i n) (recur (+ i (loop* [] 1))) i))",
                      4, names) == 0); /* another loop inside */
  CHECK(invariants_of("(loop* [i 0] (if (< 3 n) (recur (inc i)) i))", 4,
                      names) == 0); /* with a constant alone */
  CHECK(invariants_of("(loop* [i n] (if (< i m) (recur (inc i)) i))", 4,
                      names) == 0); /* i is no integer for sure */
}

static const struct test tests[] = {
    TEST(an_expression_has_the_type_of_its_parts),
    TEST(a_loop_local_is_what_every_recur_gives_it),
    TEST(what_a_closure_captures_is_a_word),
    TEST(a_let_local_has_the_type_of_its_value),
    TEST(an_inner_loop_that_changes_its_mind_changes_the_outer),
    TEST(both_sides_are_known_or_not),
    TEST(what_a_loop_leaves_as_it_is_is_an_invariant),
};

MAIN(start_compiler, tests)
