/* Calls give what they give in every language: `vectors FOLDER`, where FOLDER is tests/vectors. */
#include <cjson/cJSON.h>

#include "check.h"

typedef struct {
  char *bytes;
  size_t size;
} File;

static File read_file(const char *folder, const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(size + 1);
  size = fread(text, 1, size, file);
  text[size] = '\0';
  fclose(file);
  return (File){text, size};
}

static cJSON *read_json(const char *folder, const char *name) {
  File file = read_file(folder, name);
  cJSON *json = cJSON_Parse(file.bytes);
  free(file.bytes);
  return json;
}

/* That two values are the same, missing ones being null. */
static void check_same(const cJSON *found, const cJSON *wanted, const char *call, const char *what) {
  cJSON *none = cJSON_CreateNull();
  int same = cJSON_Compare(found ? found : none, wanted ? wanted : none, 1);
  cJSON_Delete(none);
  checks += 1;
  if (!same) {
    char *text = cJSON_PrintUnformatted(found);
    failures += 1;
    fprintf(stderr, "%s: %s is %.200s\n", call, what, text ? text : "missing");
    free(text);
  }
}

static const cJSON *of(const cJSON *object, const char *name) { return cJSON_GetObjectItemCaseSensitive(object, name); }

static void check_answer(const char *text, const cJSON *outcome, const char *call) {
  cJSON *answer = cJSON_Parse(text);
  const char *fields[] = {"status", "sql", "params", "table", "truncated"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    check_same(of(answer, fields[i]), of(outcome, fields[i]), call, fields[i]);
  }
  check_same(of(of(answer, "chart"), "kind"), of(outcome, "chart"), call, "chart");
  cJSON_Delete(answer);
}

static void check_data(const char *text, const cJSON *outcome, const char *call) {
  cJSON *data = cJSON_Parse(text);
  if (cJSON_IsObject(data)) {
    cJSON_DeleteItemFromObjectCaseSensitive(data, "micros");
  }
  check_same(data, of(outcome, "json"), call, "what it gives");
  cJSON_Delete(data);
}

static void check_failure(LeoError *error, const cJSON *outcome, const char *call) {
  const cJSON *wanted = of(outcome, "error");
  cJSON *found = cJSON_Parse(leo_error_json(error));
  const char *fields[] = {"kind", "message", "findings"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    check_same(of(found, fields[i]), of(wanted, fields[i]), call, fields[i]);
  }
  cJSON_Delete(found);
  leo_error_free(error);
}

/* One call by its name and JSON. */
static void by_name(const Leo *leo, const char *call, const cJSON *arguments, const cJSON *outcome) {
  LeoError *error;
  char *given = cJSON_PrintUnformatted(arguments);
  char *text = leo_call(leo, call, given, NULL, &error);
  if (text == NULL) {
    check_failure(error, outcome, call);
  } else if (of(outcome, "status")) {
    check_answer(text, outcome, call);
  } else {
    check_data(text, outcome, call);
  }
  leo_string_free(text);
  free(given);
}

static const char *string_of(const cJSON *arguments, const char *name) { return cJSON_GetStringValue(of(arguments, name)); }

/* Whether a struct of options can say all of it. */
static int has_only(const cJSON *arguments, const char *const *names) {
  for (const cJSON *given = arguments->child; given; given = given->next) {
    const char *const *name = names;
    while (*name && strcmp(*name, given->string) != 0) {
      name += 1;
    }
    const int number = strcmp(given->string, "max_rows") == 0 || strcmp(given->string, "timeout_ms") == 0;
    const int json = strcmp(given->string, "params") == 0 || strcmp(given->string, "query") == 0;
    if (*name == NULL || (number ? !cJSON_IsNumber(given) || given->valuedouble <= 0 : !json && !cJSON_IsString(given))) {
      return 0;
    }
  }
  return 1;
}

/* The same call by its own function, where that can say it; gives whether it could. */
static int by_function(const Leo *leo, const char *call, const cJSON *arguments, const cJSON *outcome) {
  static const char *const ask_names[] = {"question", "query", "source", "as_of", "max_rows", "timeout_ms", NULL};
  static const char *const sql_names[] = {"text", "source", "max_rows", "timeout_ms", "params", NULL};
  const cJSON *max_rows = of(arguments, "max_rows"), *timeout = of(arguments, "timeout_ms");
  const int is_ask = strcmp(call, "ask") == 0, is_query = strcmp(call, "ask_query") == 0, is_sql = strcmp(call, "sql") == 0;
  LeoError *error = NULL;
  LeoAnswer *answer;
  char *json = NULL;
  if (!of(arguments, is_ask ? "question" : is_query ? "query" : "text")) {
    return 0;
  }
  if ((is_ask || is_query) && has_only(arguments, ask_names)) {
    LeoAskOptions options = {.size = sizeof options, .source = string_of(arguments, "source"), .as_of = string_of(arguments, "as_of")};
    options.max_rows = max_rows ? (uint64_t)max_rows->valuedouble : 0;
    options.timeout_ms = timeout ? (uint64_t)timeout->valuedouble : 0;
    if (is_query) {
      json = cJSON_PrintUnformatted(of(arguments, "query"));
      answer = leo_ask_query(leo, json, &options, &error);
    } else {
      answer = leo_ask(leo, string_of(arguments, "question"), &options, &error);
    }
  } else if (is_sql && has_only(arguments, sql_names)) {
    LeoSqlOptions options = {.size = sizeof options, .source = string_of(arguments, "source")};
    options.max_rows = max_rows ? (uint64_t)max_rows->valuedouble : 0;
    options.timeout_ms = timeout ? (uint64_t)timeout->valuedouble : 0;
    options.params = json = of(arguments, "params") ? cJSON_PrintUnformatted(of(arguments, "params")) : NULL;
    answer = leo_sql(leo, string_of(arguments, "text"), &options, &error);
  } else {
    return 0;
  }
  free(json);
  if (answer == NULL) {
    check_failure(error, outcome, call);
    return 1;
  }
  CHECK(strcmp(leo_answer_text(answer), string_of(outcome, "text")) == 0);
  CHECK(leo_answer_raise_for_status(answer, &error) == (leo_answer_status(answer) == LEO_STATUS_ANSWERED));
  leo_error_free(error);
  char *text = leo_answer_json(answer, &error);
  CHECK_OK(error);
  check_answer(text, outcome, call);
  leo_string_free(text);
  leo_answer_free(answer);
  return 1;
}

/* What a source of the host's has. */
typedef struct {
  File rows;
  char catalog[1024];
} Source;

static void read_source(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)arguments;
  Source *source = user_data;
  if (strcmp(method, "introspect") == 0) {
    leo_reply_json(reply, source->catalog);
  } else if (strcmp(method, "start") == 0) {
    leo_reply_ipc(reply, (const uint8_t *)source->rows.bytes, source->rows.size);
  } else {
    leo_reply_json(reply, NULL);
  }
}

/* Rows as Arrow that a source of the host's hands over give the answer that they came from. */
static void arrow_rows(const char *folder, const cJSON *vector) {
  const cJSON *outcome = of(vector, "outcome"), *columns = of(of(outcome, "table"), "columns");
  Source source = {.rows = read_file(folder, string_of(vector, "arrow"))};
  char names[512] = "", declared[768] = "";
  for (const cJSON *column = columns->child; column; column = column->next) {
    const char *name = string_of(column, "name"), *comma = column->next ? ", " : "";
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", name, comma);
    snprintf(declared + strlen(declared), sizeof declared - strlen(declared), "{\"name\": \"%s\", \"type\": \"TEXT\"}%s", name, comma);
  }
  snprintf(source.catalog, sizeof source.catalog, "{\"dialect\": \"sqlite\", \"tables\": [{\"name\": \"t\", \"columns\": [%s]}]}", declared);
  LeoError *error;
  const LeoPart part = {"source:mine", read_source, &source, NULL};
  LeoBuildOptions options = {
      .size = sizeof options,
      .preset = "local",
      .sources = "[{\"id\": \"mine\", \"connector\": {\"dialect\": \"sqlite\"}, \"execution\": true}]",
  };
  Leo *leo = leo_build(&options, &part, 1, &error);
  CHECK_OK(error);
  char statement[600];
  snprintf(statement, sizeof statement, "SELECT %s FROM t", names);
  LeoAnswer *answer = leo_sql(leo, statement, NULL, &error);
  CHECK_OK(error);
  char *text = leo_answer_json(answer, &error);
  CHECK_OK(error);
  cJSON *json = cJSON_Parse(text);
  check_same(of(json, "table"), of(outcome, "table"), "arrow", "table");
  cJSON_Delete(json);
  leo_string_free(text);
  leo_answer_free(answer);
  leo_free(leo);
  free(source.rows.bytes);
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: %s tests/vectors\n", *arguments);
    return 2;
  }
  cJSON *outcomes = read_json(arguments[1], "outcomes.json");
  LeoError *error;
  Leo *leo = leo_sample(NULL, NULL, 0, &error);
  CHECK_OK(error);
  int named = 0, functions = 0, files = 0;
  for (const cJSON *one = outcomes ? outcomes->child : NULL; one; one = one->next) {
    const char *call = string_of(one, "call");
    by_name(leo, call, of(one, "arguments"), of(one, "outcome"));
    functions += by_function(leo, call, of(one, "arguments"), of(one, "outcome"));
    named += 1;
    if (of(one, "arrow")) {
      arrow_rows(arguments[1], one);
      files += 1;
    }
  }
  printf("C: vectors: %d calls by name, %d by function, %d files of Arrow\n", named, functions, files);
  CHECK(named >= 30 && functions >= 15 && files == 2);
  char *path = leo_sample_path(&error);
  CHECK_OK(error);
  Leo *same = leo_open(path, NULL, NULL, 0, &error);
  CHECK_OK(error);
  leo_free(same);
  leo_string_free(path);
  leo_free(leo);
  cJSON_Delete(outcomes);
  return checked("vectors");
}
