/* Opens servers by their URLs: `servers URL...`. */
#include "check.h"

int main(int count, char **places) {
  for (int i = 1; i < count; i++) {
    LeoError *error;
    Leo *leo = leo_open(places[i], NULL, NULL, 0, &error);
    CHECK_OK(error);
    LeoAnswer *answer = leo_sql(leo, "SELECT 1 AS one", NULL, &error);
    CHECK_OK(error);
    CHECK(leo_answer_row_count(answer) == 1);
    leo_answer_free(answer);
    char *catalog = leo_catalog(leo, NULL, &error);
    CHECK_OK(error);
    CHECK(catalog != NULL);
    leo_string_free(catalog);
    CHECK(leo_sql(leo, "DROP TABLE orders", NULL, &error) == NULL);
    CHECK_ERROR(error, LEO_ERROR_REJECTED, "");
    CHECK(leo_close(leo, &error));
    leo_free(leo);
  }
  return checked("servers");
}
