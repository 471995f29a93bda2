/* lang_runner.c - the language suite natively, under the sanitizers.
 *
 * Each case's text is read, analyzed and emitted here as in WebAssembly; in place
 * of the emitted module runs the C that the compiler made of the same form
 * (native.test.mjs generates both tables). A line of JSON per case.
 */
#include "base/buffer.h"
#include "host/native.h"
#include "lang_cases.h"
#include "load/patch.h"
#include "runtime/report.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

static buffer output, line;

static void keep_output(int stream, const char *text, size_t n) {
  buffer_add(&output, text, n);
}

static jank_object *run_form(void *context) {
  patch_load_entry(*(patch_entry_fn *)context);
  return JANK_NIL;
}

/* The text of a string in the JSON that the runtime wrote itself. */
static const char *ns_of(jank_unit *unit) {
  static char ns[256];
  const char *json = jank_unit_describe(unit);
  const char *start = strstr(json, "\"ns\":\"") + strlen("\"ns\":\"");
  size_t n = strcspn(start, "\"");
  snprintf(ns, sizeof ns, "%.*s", (int)n, start);
  return ns;
}

static void write_text(const char *key, const char *text, size_t n) {
  buffer_format(&line, ",\"%s\":", key);
  buffer_json_string(&line, text, n);
}

static void fail(void) {
  buffer_format(&line, ",\"error\":%s", jank_last_error_json());
}

/* true: the form's value is in jank_hot_reload_last_value. */
static bool evaluate(patch_entry_fn entry) {
  jank_object *result = JANK_NIL, *exception = JANK_NIL;
  if (throw_catch(run_form, &entry, &result, &exception))
    return true;
  report_set_error(exception, "run", NULL);
  return false;
}

static void run_case(const struct lang_case *c, char *ns, size_t ns_size) {
  jank_unit *unit = jank_unit_open(c->source, lang_file, ns, c->line);
  int status, forms = 0;
  bool good = true;
  buffer value = {0};
  buffer_text(&value, "nil");
  while (good && (status = jank_unit_next(unit, "native")) != 0) {
    if (status == 2) {
      while (c->forms[forms] != LOADED)
        good = evaluate(c->forms[forms++]) && good;
      forms++;
      continue;
    }
    good = status == 1;
    if (!good)
      break;
    if (forms == c->form_count) {
      fprintf(stderr, "%s:%d: more forms than in WebAssembly\n", lang_file,
              c->line);
      good = false;
      break;
    }
    good = evaluate(c->forms[forms++]);
    if (good) {
      snprintf(ns, ns_size, "%s", ns_of(unit));
      buffer_clear(&value);
      buffer_text(&value, jank_hot_reload_last_value());
    }
  }
  if (good)
    write_text("value", value.data, value.size);
  else
    fail();
  buffer_free(&value);
  jank_unit_close(unit);
}

int main(void) {
  char ns[256] = "user";
  if (jank_runtime_init() < 0) {
    fprintf(stderr, "the runtime did not start: %s\n", jank_last_error_json());
    return 1;
  }
  host_write_hook = keep_output;
  for (int i = 0; i < lang_case_count; i++) {
    buffer_clear(&output);
    buffer_clear(&line);
    buffer_format(&line, "{\"line\":%d", lang_cases[i].line);
    run_case(&lang_cases[i], ns, sizeof ns);
    write_text("out", output.data ? output.data : "", output.size);
    printf("%s}\n", buffer_cstring(&line));
  }
  return 0;
}
