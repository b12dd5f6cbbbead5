/* Shows each stage as it ends, reads rows as they come, and stops a statement that nobody waits for.
 *
 *   cc streaming_with_cancel.c -lleo -lpthread -o streaming_with_cancel && ./streaming_with_cancel
 */
#define _POSIX_C_SOURCE 200809L
#include <leo.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const SLOW = "SELECT sum(abs(a.net_amount - b.net_amount)) FROM order_totals a CROSS JOIN order_totals b";

/* Gives `result`, or ends the program with what went wrong: the error is looked at after the call that makes `result`. */
static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s: %s\n", leo_error_name(*error), leo_error_message(*error));
    exit(1);
  }
  return result;
}

/* What another thread, a signal's or a connection's, would do. */
static void *cancel_soon(void *cancel) {
  nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
  leo_cancel(cancel);
  return NULL;
}

int main(void) {
  LeoError *error;
  Leo *leo = must(leo_sample(NULL, NULL, 0, &error), &error);

  /* Each event is JSON; `leo_events_next_sse` gives the same for a browser's EventSource. */
  LeoEvents *events = must(leo_ask_stream(leo, "revenue by quarter in 2024", NULL, &error), &error);
  char *event;
  while ((event = must(leo_events_next(events, &error), &error)) != NULL) {
    if (strncmp(event, "{\"event\":\"finished\"", 19) == 0) {
      puts(event);
    }
    leo_string_free(event);
  }
  LeoAnswer *answer = leo_events_answer(events);
  printf("\n%s\n\n", leo_answer_text(answer));
  leo_answer_free(answer);
  leo_events_free(events);

  /* Rows come in batches. Releasing the stream stops the statement. Without `max_rows` it gives 5,000 rows. */
  struct ArrowArrayStream rows;
  LeoSqlOptions options = {.size = sizeof options, .max_rows = 100000};
  leo_sql_stream(leo, "SELECT order_line_id, unit_price FROM order_lines", &options, &rows, &error);
  must(NULL, &error);
  int64_t read = 0;
  struct ArrowArray batch;
  while (read < 2000 && rows.get_next(&rows, &batch) == 0 && batch.release != NULL) {
    read += batch.length;
    batch.release(&batch);
  }
  rows.release(&rows);
  printf("read %lld rows and left\n", (long long)read);

  /* Cancelling from another thread stops the statement too. */
  options = (LeoSqlOptions){.size = sizeof options, .timeout_ms = 60000, .cancel = leo_cancel_new()};
  pthread_t thread;
  pthread_create(&thread, NULL, cancel_soon, (void *)options.cancel);
  const time_t began = time(NULL);
  leo_sql(leo, SLOW, &options, &error);
  printf("%s, %s\n", leo_error_name(error), time(NULL) - began < 10 ? "at once" : "late");
  leo_error_free(error);
  pthread_join(thread, NULL);
  leo_cancel_free((LeoCancel *)options.cancel);

  /* So does the time given to it. */
  options = (LeoSqlOptions){.size = sizeof options, .timeout_ms = 200};
  leo_sql(leo, SLOW, &options, &error);
  printf("%s: %s\n", leo_error_name(error), leo_error_message(error));
  leo_error_free(error);
  leo_free(leo);
  return 0;
}
