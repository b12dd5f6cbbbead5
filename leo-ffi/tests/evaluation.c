/* A suite of questions: asked, scored, bounded, compared, and shown as a page: `evaluation PLACE`. */
#include "check.h"

static const char *const SUITE =
    "- { question: How many orders are there?, gold: SELECT count(*) FROM orders }\n"
    "- { question: How many orders are there?, gold: SELECT 4711 + count(*) FROM orders }\n"
    "- { question: Who is the tallest? }\n";

static int says(const char *text, const char *what) { return text != NULL && strstr(text, what) != NULL; }

int main(int argc, char **argv) {
  LeoError *error = NULL;
  Leo *leo = leo_open(argc > 1 ? argv[1] : "shop.db", NULL, NULL, 0, &error);
  CHECK_OK(error);

  char *first = leo_evaluate(leo, SUITE, NULL, &error);
  CHECK_OK(error);
  CHECK(says(first, "\"questions\":3,") && !says(first, "\"missed\""));
  CHECK(!says(first, "4711")); /* What is right is the suite's, and in no result. */

  LeoEvaluateOptions options = {
      .size = sizeof options, .limit = 2, .workers = 1, .one_by_one = 1, .gates = "{\"execution_match\": 0.9}", .baseline = first};
  char *second = leo_evaluate(leo, SUITE, &options, &error);
  CHECK_OK(error);
  CHECK(says(second, "right of all is 50.0 %, and has to be 90.0 % at least") && says(second, "\"missing\":1"));

  char *changed = leo_compare_evaluations(leo, second, first, &error);
  CHECK_OK(error);
  CHECK(says(changed, "\"added\":1") && says(changed, "\"p_value\":1.0"));

  char *page = leo_evaluation_html(leo, second, "Shop <questions>", NULL, &error);
  CHECK_OK(error);
  CHECK(says(page, "<h1>Shop &lt;questions&gt;</h1>") && says(page, "Bounds that are not held") && !says(page, "4711"));
  char *with_references = leo_evaluation_html(leo, second, NULL, SUITE, &error);
  CHECK_OK(error);
  CHECK(says(with_references, "SELECT 4711 + count(*) FROM orders"));

  CHECK(leo_evaluate(leo, NULL, NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`suite` is NULL");
  CHECK(leo_evaluate(leo, "- { qestion: How many orders are there? }", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_MALFORMED, "do you mean `question`?");
  CHECK(leo_evaluate(leo, "{\"path\": \"/nowhere/at/all.yaml\"}", NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_NOT_FOUND, "no suite with this name");
  CHECK(leo_compare_evaluations(leo, first, "{}", &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`after` of `compare_evaluations` is no evaluation");
  CHECK(leo_evaluation_html(leo, "no JSON", NULL, NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`evaluation` is no JSON");

  char *texts[] = {first, second, changed, page, with_references};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    leo_string_free(texts[i]);
  }
  leo_free(leo);
  return checked("evaluation");
}
