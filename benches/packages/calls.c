/* What a call costs in C beyond what it takes in Rust. Prints rows of a Markdown table: `calls DATABASE`, the file that `rows.py` makes. */
#define _POSIX_C_SOURCE 200809L
#include <leo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLS 2000
#define LARGE_CALLS 60

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_size(const void *one, const void *other) {
  const double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static double at(double *times, size_t count, double share) {
  qsort(times, count, sizeof *times, by_size);
  return times[(size_t)(share * (double)count)];
}

static void row(const char *what, double *times, size_t count) {
  printf("| C | %s | %.0f µs | %.0f µs |\n", what, at(times, count, 0.5), at(times, count, 0.95));
  fflush(stdout);
}

static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s\n", leo_error_message(*error));
    exit(1);
  }
  return result;
}

/* Microseconds of a call, and by `own` those of the core. */
static double called(const Leo *leo, const char *sql, uint64_t max_rows, double *own) {
  LeoError *error;
  LeoSqlOptions options = {.size = sizeof options, .max_rows = max_rows};
  const double begun = now_us();
  LeoAnswer *answer = must(leo_sql(leo, sql, &options, &error), &error);
  const double took = now_us() - begun;
  if (own != NULL) {
    char *json = must(leo_answer_json(answer, &error), &error);
    const char *total = strstr(json, "\"total_us\":");
    *own = total ? strtod(total + strlen("\"total_us\":"), NULL) : 0;
    leo_string_free(json);
  }
  leo_answer_free(answer);
  return took;
}

static void beyond(const Leo *leo, const char *what, const char *sql, uint64_t max_rows, size_t count) {
  double *times = malloc(count * sizeof *times), own;
  for (size_t i = 0; i < count + count / 10; i++) {
    const double took = called(leo, sql, max_rows, &own);
    times[i < count / 10 ? 0 : i - count / 10] = took - own;
  }
  row(what, times, count);
  free(times);
}

static void hand_over(const Leo *leo, const char *what, const char *sql, uint64_t max_rows) {
  LeoError *error;
  LeoSqlOptions options = {.size = sizeof options, .max_rows = max_rows};
  LeoAnswer *answer = must(leo_sql(leo, sql, &options, &error), &error);
  static double times[CALLS];
  for (size_t i = 0; i < CALLS; i++) {
    const double begun = now_us();
    struct ArrowArrayStream rows;
    struct ArrowArray batch;
    leo_answer_arrow(answer, &rows, &error);
    must(NULL, &error);
    while (rows.get_next(&rows, &batch) == 0 && batch.release != NULL) {
      batch.release(&batch);
    }
    rows.release(&rows);
    times[i] = now_us() - begun;
  }
  row(what, times, CALLS);
  leo_answer_free(answer);
}

static void tell_time(void *asked, const char *method, const char *arguments, LeoReply *reply) {
  (void)method, (void)arguments;
  *(size_t *)asked += 1;
  char text[40];
  const time_t now = time(NULL);
  strftime(text, sizeof text, "\"%Y-%m-%dT%H:%M:%SZ\"", gmtime(&now));
  leo_reply_json(reply, text);
}

int main(int count, char **arguments) {
  static const char *const FEW = "SELECT id, region, day, amount, note FROM orders WHERE id < 10";
  static const char *const MANY = "SELECT id, region, day, amount, note FROM orders";
  if (count != 2) {
    fprintf(stderr, "usage: %s DATABASE\n", *arguments);
    return 2;
  }
  LeoError *error;
  Leo *leo = must(leo_open(arguments[1], NULL, NULL, 0, &error), &error);
  beyond(leo, "`leo_sql`, 10 rows", FEW, 0, CALLS);
  beyond(leo, "`leo_sql`, 100,000 rows", MANY, 100000, LARGE_CALLS);
  hand_over(leo, "`leo_answer_arrow`, 10 rows", FEW, 0);
  hand_over(leo, "`leo_answer_arrow`, 100,000 rows", MANY, 100000);

  size_t asked = 0;
  const LeoPart clock = {"clock", tell_time, &asked, NULL};
  Leo *counted = must(leo_open(arguments[1], NULL, &clock, 1, &error), &error);
  static double with[CALLS], without[CALLS];
  for (size_t i = 0; i < CALLS; i++) {
    with[i] = called(counted, FEW, 0, NULL);
    without[i] = called(leo, FEW, 0, NULL);
  }
  printf("| C | a clock | %.0f µs | |\n", (at(with, CALLS, 0.5) - at(without, CALLS, 0.5)) * CALLS / (double)asked);
  leo_free(counted);
  leo_free(leo);
  return 0;
}
