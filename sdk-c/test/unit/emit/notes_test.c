/* Notes beside the tree: one for each node and each local of a program, empty at
 * first, whatever other notes of the same program say. */
#include "emit/notes.h"
#include "emit/program.h"
#include "value/word.h"

static bool is_zero(const void *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (((const char *)p)[i])
      return false;
  return true;
}

static void every_node_has_a_note_of_its_own(void) {
  program *p =
      program_of("(def f (fn* [a b] (let* [c (+ a b)] (if c [c] c))))");
  notes k = notes_make(p);
  CHECK(k.p == p && p->node_count > 5 && p->local_count >= 3);
  for (int i = 0; i < p->node_count; i++)
    CHECK(is_zero(&k.nodes[i], sizeof *k.nodes));
  for (int i = 0; i < p->local_count; i++)
    CHECK(is_zero(&k.locals[i], sizeof *k.locals));
  node *body = p->methods[0]->body, *value = body->items[0];
  CHECK(notes_node(&k, body) != notes_node(&k, value));
  CHECK(body->number < p->node_count && value->number < p->node_count);
  notes_node(&k, body)->calls = CALLS_HOT;
  notes_local(&k, body->locals[0])->captured = true;
  notes other = notes_make(p);
  CHECK(notes_node(&other, body)->calls == CALLS_NONE);
  CHECK(!notes_local(&other, body->locals[0])->captured);
  CHECK(notes_node(&k, body)->calls == CALLS_HOT);
  ast_program_free(p);
}

static void a_program_of_nothing_has_notes(void) {
  program *p = program_of("");
  notes k = notes_make(p);
  CHECK(p->node_count == 0 && k.nodes && k.locals);
  ast_program_free(p);
}

static const struct test tests[] = {
    TEST(every_node_has_a_note_of_its_own),
    TEST(a_program_of_nothing_has_notes),
};

MAIN(start_compiler, tests)
