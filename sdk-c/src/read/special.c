/* special.c - special forms by name: the reader's syntax-quote leaves their names
 * alone, the analyzer looks them up. It knows nothing of what they mean. */
#include "read/special.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

const special_shape special_shapes[SPECIAL_COUNT] = {
#define X(form, name, least, most) {name, least, most},
    SPECIAL_FORMS(X)
#undef X
};

enum special_form special_find(O head) {
  if (!is_type(head, JANK_TYPE_SYMBOL) || ((symbol_object *)head)->ns)
    return SPECIAL_NONE;
  for (int i = 0; i < SPECIAL_COUNT; i++)
    if (strcmp(special_shapes[i].name, symbol_text(head)) == 0)
      return (enum special_form)i;
  return SPECIAL_NONE;
}

bool special_is(O symbol) {
  return special_find(symbol) != SPECIAL_NONE ||
         symbol_is(symbol, NULL, "catch") ||
         symbol_is(symbol, NULL, "finally") || symbol_is(symbol, NULL, "&");
}
