/* Reads rows where they are, by Arrow's C interface, and hands them on: the rows of one handle are the source of another.
 *
 *   cc arrow_hand_over.c -lleo -lm -o arrow_hand_over && ./arrow_hand_over
 */
#include <inttypes.h>
#include <leo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Gives `result`, or ends the program with what went wrong: the error is looked at after the call that makes `result`. */
static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s: %s\n", leo_error_name(*error), leo_error_message(*error));
    exit(1);
  }
  return result;
}

/* Adds up a column of doubles: `format` is "g" in Arrow's words, and its second buffer holds the values. */
static double sum(const struct ArrowArray *column) {
  const double *values = column->buffers[1];
  double sum = 0;
  for (int64_t row = 0; row < column->length; row++) {
    sum += values[column->offset + row];
  }
  return sum;
}

static void read_answer(const Leo *leo) {
  LeoError *error;
  struct ArrowArrayStream rows;
  LeoAnswer *answer = must(leo_ask(leo, "revenue by category in 2024", NULL, &error), &error);
  leo_answer_arrow(answer, &rows, &error);
  must(NULL, &error);
  leo_answer_free(answer); /* The rows stay. */

  struct ArrowSchema schema;
  struct ArrowArray batch;
  rows.get_schema(&rows, &schema);
  for (int64_t i = 0; i < schema.n_children; i++) {
    printf("%s: %s\n", schema.children[i]->name, schema.children[i]->format);
  }
  while (rows.get_next(&rows, &batch) == 0 && batch.release != NULL) {
    printf("%" PRId64 " categories, revenue %.0f\n\n", batch.length, sum(batch.children[1]));
    batch.release(&batch);
  }
  schema.release(&schema);
  rows.release(&rows);
}

/* Results too large to hold come batch by batch. Without `max_rows` a statement gives 5,000 rows. */
static void read_batches(const Leo *leo) {
  LeoError *error;
  struct ArrowArrayStream rows;
  struct ArrowArray batch;
  LeoSqlOptions options = {.size = sizeof options, .max_rows = 100000};
  leo_sql_stream(leo, "SELECT net_amount FROM order_totals", &options, &rows, &error);
  must(NULL, &error);
  int64_t large = 0, all = 0;
  while (rows.get_next(&rows, &batch) == 0 && batch.release != NULL) {
    const double *amounts = batch.children[0]->buffers[1];
    for (int64_t row = 0; row < batch.length; row++) {
      large += amounts[batch.children[0]->offset + row] > 1000;
    }
    all += batch.length;
    batch.release(&batch);
  }
  rows.release(&rows);
  printf("%" PRId64 " of %" PRId64 " orders are above 1,000\n\n", large, all);
}

/* Any engine that gives Arrow can be a source; statements are vetted before it hears of them. Here the engine is a handle on the sample company. */
static void read_source(void *company, const char *method, const char *arguments, LeoReply *reply) {
  struct ArrowArrayStream rows;
  LeoError *error;
  (void)arguments;
  if (strcmp(method, "introspect") == 0) {
    leo_reply_json(reply, "{\"dialect\": \"sqlite\", \"tables\": [{\"name\": \"visits\", \"columns\": ["
                          "{\"name\": \"city\", \"type\": \"TEXT\"}, {\"name\": \"guests\", \"type\": \"INTEGER\"}]}]}");
  } else if (strcmp(method, "start") != 0) {
    leo_reply_json(reply, NULL);
  } else if (leo_sql_stream(company, "SELECT 'Oslo' AS city, 20 AS guests UNION ALL SELECT 'Rome', 31", NULL, &rows, &error)) {
    leo_reply_arrow(reply, &rows);
  } else {
    leo_reply_error(reply, (int32_t)leo_error_kind(error), leo_error_message(error));
    leo_error_free(error);
  }
}

int main(void) {
  LeoError *error;
  Leo *company = must(leo_sample(NULL, NULL, 0, &error), &error);
  read_answer(company);
  read_batches(company);

  const LeoPart source = {"source:visits", read_source, company, NULL};
  LeoBuildOptions options = {
      .size = sizeof options,
      .preset = "local",
      .sources = "[{\"id\": \"visits\", \"connector\": {\"dialect\": \"sqlite\"}, \"execution\": true}]",
  };
  Leo *leo = must(leo_build(&options, &source, 1, &error), &error);
  LeoAnswer *answer = must(leo_sql(leo, "SELECT city, guests FROM visits", NULL, &error), &error);
  char *rows = must(leo_answer_render_table(answer, "text", NULL, &error), &error);
  puts(rows);
  leo_string_free(rows);
  leo_answer_free(answer);
  leo_free(leo);
  leo_free(company);
  return 0;
}
