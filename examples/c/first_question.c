/* Asks the sample company, and looks at what comes with an answer.
 *
 *   cc first_question.c -lleo -o first_question && ./first_question
 */
#include <leo.h>
#include <stdio.h>
#include <stdlib.h>

/* Gives `result`, or ends the program with what went wrong: the error is looked at after the call that makes `result`. */
static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s: %s\n", leo_error_name(*error), leo_error_message(*error));
    exit(1);
  }
  return result;
}

int main(void) {
  LeoError *error;
  Leo *leo = must(leo_sample(NULL, NULL, 0, &error), &error);

  LeoAnswer *answer = must(leo_ask(leo, "top 5 products by revenue in 2024", NULL, &error), &error);
  printf("%s\n\n", leo_answer_text(answer));

  /* Rows as text here; `leo_answer_json` has them as data, `leo_answer_arrow` without a copy. */
  char *rows = must(leo_answer_render_table(answer, "markdown", NULL, &error), &error);
  printf("%s\n%s\n", rows, leo_answer_sql(answer));
  leo_string_free(rows);
  leo_answer_free(answer);

  /* A question without an answer is no error: the status and the text say why. */
  const char *const questions[] = {"which orders are late?", "What is the meaning of life?"};
  for (size_t i = 0; i < 2; i++) {
    answer = must(leo_ask(leo, questions[i], NULL, &error), &error);
    if (leo_answer_status(answer) == LEO_STATUS_DECLINED) {
      printf("\n%s\n  declined: %s\n", questions[i], leo_answer_text(answer));
    }
    leo_answer_free(answer);
  }

  /* Whoever wants only answers asks for an error instead. */
  answer = must(leo_ask(leo, "which orders are late?", NULL, &error), &error);
  if (!leo_answer_raise_for_status(answer, &error)) {
    printf("\n%s: %s\n", leo_error_name(error), leo_error_message(error));
    leo_error_free(error);
  }
  leo_answer_free(answer);
  leo_free(leo);
  return 0;
}
