/* What the tests in C share: checks that are counted, and failures that say where. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leo.h"

static int checks, failures;

static inline void check(int holds, const char *what, const char *file, int line) {
  checks += 1;
  if (!holds) {
    failures += 1;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  }
}

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)

/* That it failed with a kind, and that its message says something. Frees the error. */
static inline void check_error(LeoError **error, LeoErrorKind kind, const char *says, const char *file, int line) {
  const char *message = leo_error_message(*error);
  checks += 1;
  if (leo_error_kind(*error) != kind || message == NULL || strstr(message, says) == NULL) {
    failures += 1;
    fprintf(stderr, "%s:%d: wanted kind %d saying \"%s\", but it is %d: %s\n", file, line, (int)kind, says,
            (int)leo_error_kind(*error), message ? message : "(nothing)");
  }
  leo_error_free(*error);
  *error = NULL;
}

#define CHECK_ERROR(error, kind, says) check_error(&(error), (kind), (says), __FILE__, __LINE__)

/* That nothing went wrong; says what did. */
static inline void check_ok(LeoError **error, const char *file, int line) {
  checks += 1;
  if (*error != NULL) {
    failures += 1;
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, leo_error_name(*error), leo_error_message(*error));
    leo_error_free(*error);
    *error = NULL;
  }
}

#define CHECK_OK(error) check_ok(&(error), __FILE__, __LINE__)

/* Says how many checks held; what main returns. */
static inline int checked(const char *name) {
  printf("C: %s: %d checks, %d failed\n", name, checks, failures);
  return failures != 0 || checks == 0;
}

#endif
