/* A model of your own answers what the built-in planner declines. Here it is a function that knows one statement; put your client there.
 *
 *   cc own_model.c -lleo -lcjson -o own_model && ./own_model
 */
#include <cjson/cJSON.h>
#include <leo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const RIDES = "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Oslo,17\n4,Rome,9\n5,Rome,31\n6,Rome,25\n7,Rome,11\n";
static const char *const MEDIAN =
    "SELECT city, avg(minutes) AS median_minutes"
    " FROM (SELECT city, minutes, row_number() OVER (PARTITION BY city ORDER BY minutes) AS place, count(*) OVER (PARTITION BY city) AS rides"
    "       FROM rides) AS placed"
    " WHERE place IN ((rides + 1) / 2, (rides + 2) / 2) GROUP BY city ORDER BY city";

/* Gives `result`, or ends the program with what went wrong: the error is looked at after the call that makes `result`. */
static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s: %s\n", leo_error_name(*error), leo_error_message(*error));
    exit(1);
  }
  return result;
}

/* Gives the JSON that the request's schema asks for. Its arguments are `[ctx, request]`; the request says names and types, never rows. It may
 * hand `reply` to another thread and return: what answers a request of HTTP answers it then. */
static void complete(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)user_data, (void)method;
  cJSON *given = cJSON_Parse(arguments);
  const cJSON *request = cJSON_GetArrayItem(given, 1), *messages = cJSON_GetObjectItem(request, "messages");
  const cJSON *last = cJSON_GetArrayItem(messages, cJSON_GetArraySize(messages) - 1);
  const char *told = cJSON_GetStringValue(cJSON_GetObjectItem(last, "text"));
  printf("  [model] %s\n", cJSON_GetStringValue(cJSON_GetObjectItem(request, "purpose")));

  const int knows = told != NULL && strstr(told, "median") != NULL;
  cJSON *response = cJSON_CreateObject(), *output = cJSON_AddObjectToObject(response, "output");
  cJSON_AddStringToObject(output, "sql", knows ? MEDIAN : "DELETE FROM rides");
  cJSON_AddArrayToObject(output, "params");
  cJSON_AddNumberToObject(response, "input_tokens", 900);
  cJSON_AddNumberToObject(response, "output_tokens", 90);
  cJSON_AddStringToObject(response, "model", "one-trick");
  char *text = cJSON_PrintUnformatted(response);
  leo_reply_json(reply, text);
  free(text);
  cJSON_Delete(response);
  cJSON_Delete(given);
}

static void show(const Leo *leo, const char *question) {
  LeoError *error;
  LeoAnswer *answer = must(leo_ask(leo, question, NULL, &error), &error);
  printf("%s\n  %s\n", question, leo_answer_text(answer));
  char *text = must(leo_answer_json(answer, &error), &error);
  cJSON *json = cJSON_Parse(text);
  if (leo_answer_row_count(answer) > 0) {
    char *rows = must(leo_answer_render_table(answer, "markdown", NULL, &error), &error);
    printf("  by %s, %d tokens\n%s", cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "provenance"), "planner")),
           cJSON_GetObjectItem(cJSON_GetObjectItem(json, "usage"), "tokens")->valueint, rows);
    leo_string_free(rows);
  }
  putchar('\n');
  cJSON_Delete(json);
  leo_string_free(text);
  leo_answer_free(answer);
}

int main(void) {
  const char *const path = "rides.csv";
  FILE *file = fopen(path, "w");
  fputs(RIDES, file);
  fclose(file);

  LeoError *error;
  Leo *leo = must(leo_open(path, NULL, NULL, 0, &error), &error);
  show(leo, "median minutes by city");
  leo_free(leo);

  puts("With a model:");
  const LeoPart model = {"model", complete, NULL, NULL};
  leo = must(leo_open(path, NULL, &model, 1, &error), &error);
  show(leo, "average minutes by city"); /* The built-in planner can do this: nobody asks the model. */
  show(leo, "median minutes by city");
  show(leo, "frobnicate the rides"); /* What a model writes is trusted no more than anybody's statement. */
  leo_free(leo);
  remove(path);
  return 0;
}
