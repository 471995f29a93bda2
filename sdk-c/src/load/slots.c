/* slots.c - first-fit allocation of function table ranges.
 *
 * Free ranges are kept sorted and joined. The table grows in steps; a slot that
 * is given back is cleared, so that a stale call traps instead of running
 * another patch's code.
 */
#include "load/slots.h"
#include "base/grow.h"
#include "host/host.h"
#include "value/word.h"
#include <string.h>

#define STEP 256

typedef struct {
  uint32_t first, n;
} range;

static range *ranges;
static uint32_t range_count, total, unused;
static size_t range_capacity;

static bool insert(uint32_t at, range r) {
  range *grown =
      grow_try(ranges, &range_capacity, range_count + 1, sizeof *ranges);
  if (!grown)
    return false;
  ranges = grown;
  memmove(ranges + at + 1, ranges + at, (range_count - at) * sizeof *ranges);
  ranges[at] = r;
  range_count++;
  return true;
}

static void take_out(uint32_t at) {
  memmove(ranges + at, ranges + at + 1, (--range_count - at) * sizeof *ranges);
}

static void add(range r) {
  uint32_t at = 0;
  while (at < range_count && ranges[at].first < r.first)
    at++;
  unused += r.n;
  bool joins_next = at < range_count && r.first + r.n == ranges[at].first;
  if (joins_next) {
    ranges[at].first = r.first;
    ranges[at].n += r.n;
  } else if (!insert(at, r)) {
    unused -= r.n; /* lost, which only costs slots */
    return;
  }
  if (at > 0 && ranges[at - 1].first + ranges[at - 1].n == ranges[at].first) {
    ranges[at - 1].n += ranges[at].n;
    take_out(at);
  }
}

static bool more_slots(uint32_t n) {
  uint32_t step = n > STEP ? n : STEP;
  uint32_t first = host_table_grow(step);
  if (!first)
    return false;
  total += step;
  add((range){first, step});
  return true;
}

uint32_t slots_take(uint32_t n) {
  if (!n)
    return 0;
  for (int attempt = 0; attempt < 2; attempt++) {
    for (uint32_t i = 0; i < range_count; i++) {
      if (ranges[i].n < n)
        continue;
      uint32_t first = ranges[i].first;
      ranges[i].first += n;
      ranges[i].n -= n;
      if (!ranges[i].n)
        take_out(i);
      unused -= n;
      return first;
    }
    if (!more_slots(n))
      return 0;
  }
  return 0;
}

void slots_free(uint32_t first, uint32_t n) {
  if (!first || !n)
    return;
  host_table_clear(first, n);
  add((range){first, n});
}

uint32_t slots_total(void) { return total; }
uint32_t slots_unused(void) { return unused; }
