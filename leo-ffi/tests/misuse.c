/* What a program may do wrong gives an error of the right kind, and nothing else happens. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const char *const SLOW = "SELECT sum(abs(a.n - b.n + c.n)) FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c";

static void nothing_given(Leo *leo) {
  LeoError *error = NULL;
  CHECK(leo_ask(NULL, "how many orders?", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`leo` is NULL");
  CHECK(leo_ask(leo, NULL, NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`question` is NULL");
  CHECK(leo_ask(leo, "\xff\xfe", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`question` is not UTF-8");
  CHECK(leo_open(NULL, NULL, NULL, 0, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`place` is NULL");
  CHECK(leo_open("/nowhere/at/all.db", NULL, NULL, 0, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_NOT_FOUND, "all.db");
  CHECK(leo_open("postgres://ada:s3cret@127.0.0.1:1/shop", NULL, NULL, 0, &error) == NULL);
  CHECK(strstr(leo_error_json(error), "s3cret") == NULL);
  CHECK(leo_error_is_retryable(error));
  CHECK_ERROR(error, LEO_ERROR_UNAVAILABLE, "");
  CHECK(leo_build(NULL, NULL, 0, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "");
  CHECK(!leo_sql_stream(leo, "SELECT 1", NULL, NULL, &error));
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`out` is NULL");
  /* Whoever does not want to know why need not. */
  CHECK(leo_ask(leo, NULL, NULL, NULL) == NULL);
  CHECK(leo_answer_status(NULL) == LEO_STATUS_NONE && leo_answer_text(NULL) == NULL && leo_answer_row_count(NULL) == 0);
  CHECK(leo_error_kind(NULL) == LEO_ERROR_NONE && leo_error_message(NULL) == NULL && !leo_error_is_retryable(NULL));
  CHECK(leo_events_next(NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`events` is NULL");
  leo_free(NULL);
  leo_answer_free(NULL);
  leo_events_free(NULL);
  leo_error_free(NULL);
  leo_string_free(NULL);
  leo_cancel_free(NULL);
  leo_cancel(NULL);
  leo_reply_json(NULL, "1");
  leo_reply_error(NULL, LEO_ERROR_NONE, NULL);
  leo_reply_arrow(NULL, NULL);
  leo_reply_ipc(NULL, NULL, 0);
}

static void odd_options(Leo *leo) {
  LeoError *error = NULL;
  LeoAskOptions options = {0};
  CHECK(leo_ask(leo, "how many orders?", &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "set their `size`");
  options.size = SIZE_MAX;
  CHECK(leo_ask(leo, "how many orders?", &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "set their `size`");

  /* A program older than the library gives less, and is understood. */
  options = (LeoAskOptions){.size = sizeof(size_t)};
  LeoAnswer *answer = leo_ask(leo, "how many orders?", &options, &error);
  CHECK_OK(error);
  CHECK(leo_answer_row_count(answer) == 1);
  leo_answer_free(answer);

  /* A newer one gives more: well, unless it says something there. */
  struct {
    LeoAskOptions known;
    uint64_t unknown;
  } newer = {.known = {.size = sizeof newer}};
  answer = leo_ask(leo, "how many orders?", &newer.known, &error);
  CHECK_OK(error);
  leo_answer_free(answer);
  newer.unknown = 1;
  CHECK(leo_ask(leo, "how many orders?", &newer.known, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_UNSUPPORTED, "newer");

  options = (LeoAskOptions){.size = sizeof options, .settings = "{\"guard\":"};
  CHECK(leo_ask(leo, "how many orders?", &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`settings` is no JSON; look at line 1, column 9");
  options.settings = "{\"gaurd\": {}}";
  CHECK(leo_ask(leo, "how many orders?", &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "guard");
  options = (LeoAskOptions){.size = sizeof options, .max_rows = UINT64_MAX, .timeout_ms = UINT64_MAX};
  answer = leo_ask(leo, "how many orders?", &options, &error);
  CHECK_OK(error);
  leo_answer_free(answer);
  LeoSqlOptions params = {.size = sizeof params, .params = "{\"a\": 1}"};
  CHECK(leo_sql(leo, "SELECT ?", &params, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`params`");
  LeoOpenOptions open = {.size = sizeof open, .execution = 7};
  CHECK(leo_open("x.db", &open, NULL, 0, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`execution` is 1 for yes, -1 for no");

  CHECK(leo_call(leo, "ask", "{\"question\": \"how many orders?\", \"max_row\": 3}", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "did you mean `max_rows`?");
  CHECK(leo_call(leo, "aks", NULL, NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "did you mean `ask`?");
  CHECK(leo_call(leo, "sql_stream", "{\"text\": \"SELECT 1\"}", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_UNSUPPORTED, "`leo_sql_stream`");
}

static void odd_answers(Leo *leo) {
  LeoError *error = NULL;
  LeoAnswer *none = leo_ask(leo, "What is the meaning of life?", NULL, &error);
  CHECK_OK(error);
  CHECK(leo_answer_status(none) == LEO_STATUS_DECLINED && leo_answer_sql(none) == NULL);
  CHECK(!leo_answer_raise_for_status(none, &error));
  CHECK_ERROR(error, LEO_ERROR_UNSUPPORTED, "meaning");
  struct ArrowArrayStream stream;
  CHECK(!leo_answer_arrow(none, &stream, &error));
  CHECK_ERROR(error, LEO_ERROR_NOT_FOUND, "no rows");
  CHECK(leo_answer_chart(none, "svg", &error) == NULL);
  CHECK_OK(error);
  leo_answer_free(none);

  LeoAnswer *answer = leo_ask(leo, "total amount by region", NULL, &error);
  CHECK_OK(error);
  CHECK(leo_answer_render(answer, "pdf", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "there is no form `pdf`");
  CHECK(leo_answer_chart(answer, "png", &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`svg`");
  const char *const forms[] = {"text", "csv", "markdown", "html", "json_lines"};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char *text = leo_answer_render_table(answer, forms[i], NULL, &error);
    CHECK_OK(error);
    CHECK(text != NULL && strstr(text, "north") != NULL);
    leo_string_free(text);
  }
  char *card = leo_answer_render(answer, "html", "{}", &error), *svg = leo_answer_chart(answer, "svg", &error);
  CHECK(card != NULL && svg != NULL && strncmp(svg, "<svg", 4) == 0);
  leo_string_free(card);
  leo_string_free(svg);

  /* Rows outlive the answer, and what was read of them outlives the stream. */
  CHECK(leo_answer_arrow(answer, &stream, &error));
  leo_answer_free(answer);
  struct ArrowSchema schema;
  struct ArrowArray batch, end;
  CHECK(stream.get_schema(&stream, &schema) == 0 && schema.n_children == 2);
  CHECK(stream.get_next(&stream, &batch) == 0 && batch.length == 2);
  CHECK(stream.get_next(&stream, &end) == 0 && end.release == NULL);
  stream.release(&stream);
  CHECK(strcmp(schema.children[0]->name, "region") == 0);
  schema.release(&schema);
  batch.release(&batch);
}

static void *cancel_soon(void *cancel) {
  nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
  leo_cancel(cancel);
  return NULL;
}

static void cancelled(Leo *leo) {
  LeoError *error = NULL;
  LeoCancel *cancel = leo_cancel_new();
  pthread_t thread;
  pthread_create(&thread, NULL, cancel_soon, cancel);
  LeoSqlOptions options = {.size = sizeof options, .timeout_ms = 60000, .cancel = cancel};
  CHECK(leo_sql(leo, SLOW, &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CANCELLED, "cancelled");
  pthread_join(thread, NULL);
  /* It stays cancelled. */
  CHECK(leo_sql(leo, "SELECT 1", &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CANCELLED, "cancelled");
  CHECK(leo_call(leo, "sql", "{\"text\": \"SELECT 1\"}", cancel, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CANCELLED, "cancelled");
  leo_cancel_free(cancel);

  options = (LeoSqlOptions){.size = sizeof options, .timeout_ms = 200};
  CHECK(leo_sql(leo, SLOW, &options, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_TIMEOUT, "longer");

  /* Events: cancelled on the way, and let go of half-way. */
  cancel = leo_cancel_new();
  LeoAskOptions asking = {.size = sizeof asking, .cancel = cancel};
  LeoEvents *events = leo_ask_stream(leo, "total amount by region", &asking, &error);
  CHECK_OK(error);
  leo_cancel(cancel);
  leo_cancel_free(cancel);
  CHECK(leo_events_next(events, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CANCELLED, "cancelled");
  CHECK(leo_events_next(events, &error) == NULL && error == NULL && leo_events_answer(events) == NULL);
  leo_events_free(events);
  events = leo_ask_stream(leo, "total amount by region", NULL, &error);
  leo_string_free(leo_events_next(events, &error));
  CHECK_OK(error);
  leo_events_free(events);

  /* And to their end. */
  events = leo_ask_stream(leo, "how many orders?", NULL, &error);
  int told = 0;
  char *event;
  while ((event = leo_events_next_sse(events, &error)) != NULL) {
    told += 1;
    CHECK(strncmp(event, "event: ", 7) == 0);
    leo_string_free(event);
  }
  CHECK_OK(error);
  LeoAnswer *answer = leo_events_answer(events);
  CHECK(told > 5 && leo_answer_status(answer) == LEO_STATUS_ANSWERED && leo_events_answer(events) == NULL);
  leo_answer_free(answer);
  leo_events_free(events);

  /* Rows that nobody reads to their end. */
  struct ArrowArrayStream stream;
  options = (LeoSqlOptions){.size = sizeof options, .max_rows = 100000};
  CHECK(leo_sql_stream(leo, "SELECT a.n, b.n AS m FROM numbers a CROSS JOIN numbers b", &options, &stream, &error));
  struct ArrowArray batch;
  CHECK(stream.get_next(&stream, &batch) == 0 && batch.length > 0);
  batch.release(&batch);
  stream.release(&stream);
  /* Whether there were more of them is known at their end. */
  for (uint64_t rows = 2; rows <= 4; rows++) {
    int32_t truncated = 0;
    options = (LeoSqlOptions){.size = sizeof options, .max_rows = rows, .truncated = &truncated};
    CHECK(leo_sql_stream(leo, "SELECT id FROM orders", &options, &stream, &error));
    int64_t read = 0;
    while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) {
      CHECK(!truncated);
      read += batch.length;
      batch.release(&batch);
    }
    CHECK(read == (rows < 3 ? 2 : 3) && truncated == (rows < 3));
    stream.release(&stream);
  }
  CHECK(!leo_sql_stream(leo, "DELETE FROM orders", NULL, &stream, &error));
  CHECK_ERROR(error, LEO_ERROR_REJECTED, "");
}

static void *ask_often(void *leo) {
  uintptr_t right = 0;
  for (int i = 0; i < 5; i++) {
    LeoAnswer *answer = leo_ask(leo, "how many orders?", NULL, NULL);
    right += leo_answer_row_count(answer) == 1;
    leo_answer_free(answer);
  }
  return (void *)right;
}

static void many_threads(Leo *leo) {
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) {
    pthread_create(&threads[i], NULL, ask_often, leo);
  }
  for (int i = 0; i < 8; i++) {
    void *right = NULL;
    pthread_join(threads[i], &right);
    CHECK((uintptr_t)right == 5);
  }
}

static void after_fork(Leo *leo) {
  int ends[2];
  fflush(NULL);
  CHECK(pipe(ends) == 0);
  if (fork() == 0) {
    LeoError *error;
    LeoAnswer *answer = leo_ask(leo, "how many orders?", NULL, &error);
    const char *says = answer != NULL ? leo_answer_text(answer) : leo_error_message(error);
    /* It ends without a leak being looked for: what its parent's threads held is nobody's here. */
    _exit(write(ends[1], says, strlen(says)) < 0 || raise(SIGKILL));
  }
  close(ends[1]);
  char says[200] = "";
  CHECK(read(ends[0], says, sizeof says - 1) > 0 && strstr(says, "There are 3 orders") != NULL);
  close(ends[0]);
  while (wait(NULL) > 0) {
  }
}

static void closed(const char *place) {
  LeoError *error = NULL;
  Leo *leo = leo_open(place, NULL, NULL, 0, &error);
  LeoUserOptions options = {.size = sizeof options, .roles = "[\"member\"]"};
  Leo *user = leo_for_user(leo, "acme", "ada", &options, &error);
  CHECK_OK(error);
  CHECK(leo_for_user(leo, "", "ada", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "tenant");
  CHECK(leo_close(leo, &error));
  CHECK(leo_ask(leo, "how many orders?", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CLOSED, "closed");
  CHECK(leo_ask(user, "how many orders?", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CLOSED, "closed");
  leo_free(leo);
  leo_free(user);
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: %s DATABASE\n", *arguments);
    return 2;
  }
  LeoError *error;
  Leo *leo = leo_open(arguments[1], NULL, NULL, 0, &error);
  CHECK_OK(error);
  nothing_given(leo);
  odd_options(leo);
  odd_answers(leo);
  cancelled(leo);
  many_threads(leo);
  after_fork(leo);
  closed(arguments[1]);
  leo_free(leo);
  return checked("misuse");
}
