/* Two tenants ask one table: each sees their own rows, addresses cut, no amounts for trainees; everything is on record.
 *
 *   cc own_table_policy.c -lleo -lcjson -o own_table_policy && ./own_table_policy
 */
#include <cjson/cJSON.h>
#include <leo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ORDERS = "tenant,customer,email,region,amount\n"
                                  "acme,Ada Byron,ada@example.com,north,120\n"
                                  "acme,Alan Kay,alan@example.com,south,80\n"
                                  "globex,Grace Hopper,grace@example.com,north,300\n"
                                  "globex,Edsger Dijkstra,edsger@example.com,west,45\n";

/* Gives `result`, or ends the program with what went wrong: the error is looked at after the call that makes `result`. */
static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s: %s\n", leo_error_name(*error), leo_error_message(*error));
    exit(1);
  }
  return result;
}

static int has_role(const cJSON *ctx, const char *role) {
  const cJSON *one;
  cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(ctx, "roles")) {
    if (cJSON_IsString(one) && strcmp(one->valuestring, role) == 0) {
      return 1;
    }
  }
  return 0;
}

/* Called for each question: what this user may see. Its arguments are `[ctx, request]`. */
static void authorize(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)user_data, (void)method;
  cJSON *given = cJSON_Parse(arguments);
  const cJSON *ctx = cJSON_GetArrayItem(given, 0);
  if (has_role(ctx, "trainee")) {
    leo_reply_json(reply, "{\"show_personal_data\": true, \"tables\": {\"orders\": {\"row_filter\": \"tenant = :company\", \"masks\": {\"email\": \"partial\"},"
                          " \"deny_columns\": [\"tenant\", \"amount\"]}}}");
  } else if (has_role(ctx, "member")) {
    leo_reply_json(reply, "{\"show_personal_data\": true, \"tables\": {\"orders\": {\"row_filter\": \"tenant = :company\", \"masks\": {\"email\": \"partial\"},"
                          " \"deny_columns\": [\"tenant\"]}}}");
  } else {
    leo_reply_error(reply, LEO_ERROR_DENIED, "you are no member here; ask Ada for access");
  }
  cJSON_Delete(given);
}

/* Writes down what happened. A statement runs only when its event was taken. */
static void keep_audit(void *file, const char *method, const char *arguments, LeoReply *reply) {
  if (strcmp(method, "append") == 0 && fprintf(file, "%s\n", arguments) < 0) {
    leo_reply_error(reply, LEO_ERROR_UNAVAILABLE, "the audit could not be written");
    return;
  }
  fflush(file);
  leo_reply_json(reply, NULL);
}

static void show(const Leo *leo, const char *tenant, const char *user, const char *role) {
  char roles[64], attributes[64];
  snprintf(roles, sizeof roles, "[\"%s\"]", role);
  snprintf(attributes, sizeof attributes, "{\"company\": \"%s\"}", tenant);
  LeoError *error;
  LeoUserOptions options = {.size = sizeof options, .roles = roles, .attributes = attributes};
  Leo *asking = must(leo_for_user(leo, tenant, user, &options, &error), &error);
  LeoAnswer *answer = leo_ask(asking, "total amount by region", NULL, &error);
  if (answer == NULL) {
    printf("%s of %s is not let in: %s\n\n", user, tenant, leo_error_message(error));
    leo_error_free(error);
    leo_free(asking);
    return;
  }
  printf("%s of %s: %s\n", user, tenant, leo_answer_text(answer));
  leo_answer_free(answer);
  answer = must(leo_sql(asking, "SELECT customer, email FROM orders ORDER BY customer", NULL, &error), &error);
  char *rows = must(leo_answer_render_table(answer, "markdown", NULL, &error), &error);
  printf("%s\n", rows);
  leo_string_free(rows);
  leo_answer_free(answer);
  leo_free(asking);
}

int main(void) {
  char path[] = "orders.csv", sources[] = "[{\"place\": \"orders.csv\", \"execution\": true}]";
  FILE *file = fopen(path, "w"), *audit = tmpfile();
  fputs(ORDERS, file);
  fclose(file);

  LeoError *error;
  const LeoPart parts[] = {{"authorizer", authorize, NULL, NULL}, {"audit", keep_audit, audit, NULL}};
  LeoBuildOptions options = {.size = sizeof options, .sources = sources};
  Leo *leo = must(leo_build(&options, parts, 2, &error), &error);
  show(leo, "acme", "nora", "member");
  show(leo, "globex", "sven", "member");
  show(leo, "acme", "tim", "trainee");
  show(leo, "acme", "eve", "guest");
  leo_close(leo, NULL);
  leo_free(leo);
  printf("%ld bytes of audit\n", ftell(audit));
  fclose(audit);
  remove(path);
  return 0;
}
