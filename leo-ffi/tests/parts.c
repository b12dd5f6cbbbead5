/* Parts written in C: well, late, from other threads, wrongly, and never. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "check.h"

static void pause_ms(long ms) { nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL); }

/* How a part answers, and what became of it. */
typedef struct {
  const char *json;
  int fails_with; /* -1: it does not fail. */
  atomic_int calls, released;
} Answers;

static void release(void *user_data) { ((Answers *)user_data)->released += 1; }

static void answer_at_once(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  Answers *answers = user_data;
  answers->calls += 1;
  (void)method;
  (void)arguments;
  if (answers->fails_with >= 0) {
    leo_reply_error(reply, answers->fails_with, answers->json);
  } else {
    leo_reply_json(reply, answers->json);
  }
}

typedef struct {
  Answers *answers;
  LeoReply *reply;
} Late;

static void *answer_late(void *late) {
  pause_ms(50);
  Late *answer = late;
  answer_at_once(answer->answers, "", "", answer->reply);
  free(answer);
  return NULL;
}

/* Answers from a thread of its own, after it returned. */
static void answer_from_a_thread(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)method;
  (void)arguments;
  Late *late = malloc(sizeof *late);
  *late = (Late){user_data, reply};
  pthread_t thread;
  pthread_create(&thread, NULL, answer_late, late);
  pthread_detach(thread);
}

static LeoReply *forgotten[16];
static atomic_int forgotten_count;

static void never_answer(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)method;
  (void)arguments;
  ((Answers *)user_data)->calls += 1;
  forgotten[atomic_fetch_add(&forgotten_count, 1)] = reply;
}

static const char *SHOP; /* A database with a table `orders`. */

/* A handle for tenants whose authorizer is `call`, asked once. */
static LeoAnswer *asked(LeoCallback call, Answers *answers, uint64_t timeout_ms, LeoError **error) {
  Answers keeps = {.json = "null", .fails_with = -1};
  const LeoPart parts[] = {
      {"authorizer", call, answers, release},
      {"audit", answer_at_once, &keeps, release},
  };
  char sources[4200];
  snprintf(sources, sizeof sources, "[{\"place\": \"%s\", \"execution\": true}]", SHOP);
  LeoBuildOptions options = {.size = sizeof options, .sources = sources, .adapter_timeout_ms = timeout_ms};
  Leo *leo = leo_build(&options, parts, 2, error);
  CHECK_OK(*error);
  Leo *ada = leo_for_user(leo, "acme", "ada", NULL, error);
  CHECK_OK(*error);
  CHECK(answers->released == 0);
  LeoAnswer *answer = leo_ask(ada, "how many orders?", NULL, error);
  leo_free(ada);
  leo_free(leo);
  /* What ends goes on threads of the library. */
  for (int i = 0; i < 200 && keeps.released + answers->released < 2; i++) {
    pause_ms(20);
  }
  CHECK(answers->released == 1 && keeps.released == 1);
  CHECK(answer == NULL || keeps.calls > 0);
  return answer;
}

static void authorizers(void) {
  LeoError *error = NULL;
  Answers everything = {.json = "{}", .fails_with = -1};
  LeoAnswer *answer = asked(answer_at_once, &everything, 0, &error);
  CHECK_OK(error);
  CHECK(leo_answer_status(answer) == LEO_STATUS_ANSWERED && everything.calls > 0);
  leo_answer_free(answer);

  Answers late = {.json = "{}", .fails_with = -1};
  answer = asked(answer_from_a_thread, &late, 0, &error);
  CHECK_OK(error);
  CHECK(leo_answer_status(answer) == LEO_STATUS_ANSWERED);
  leo_answer_free(answer);

  Answers nobody = {.json = "you are no member", .fails_with = LEO_ERROR_DENIED};
  CHECK(asked(answer_at_once, &nobody, 0, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_DENIED, "you are no member");

  Answers broken = {.json = "vault at 10.0.0.7 says s3cret", .fails_with = LEO_ERROR_NONE};
  CHECK(asked(answer_at_once, &broken, 0, &error) == NULL);
  CHECK(strstr(leo_error_message(error), "s3cret") == NULL && strstr(leo_error_json(error), "s3cret") != NULL);
  CHECK_ERROR(error, LEO_ERROR_ADAPTER, "`authorize` of the host failed");

  Answers odd = {.json = "\xff", .fails_with = 4711};
  CHECK(asked(answer_at_once, &odd, 0, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_ADAPTER, "");

  const char *const wrong[] = {"", "{", "\xff", "7", "{\"tabels\": {}}", "null", NULL};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    Answers says = {.json = wrong[i], .fails_with = -1};
    CHECK(asked(answer_at_once, &says, 0, &error) == NULL);
    CHECK_ERROR(error, LEO_ERROR_ADAPTER, "`authorize`");
  }

  Answers silent = {.fails_with = -1};
  CHECK(asked(never_answer, &silent, 300, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_TIMEOUT, "`adapter_timeout_ms`");
  /* Who answers when nobody listens does no harm. */
  for (int i = 0; i < forgotten_count; i++) {
    leo_reply_json(forgotten[i], "{}");
  }
}

static void wrong_parts(void) {
  LeoError *error = NULL;
  Answers one = {.json = "{}", .fails_with = -1}, two = {.json = "{}", .fails_with = -1};
  LeoPart parts[] = {{"authorizer", answer_at_once, &one, release}, {"authoriser", answer_at_once, &two, release}};
  CHECK(leo_open(SHOP, NULL, parts, 2, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "did you mean `authorizer`?");
  CHECK(one.released == 1 && two.released == 1);
  parts[1].name = "authorizer";
  CHECK(leo_open(SHOP, NULL, parts, 2, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "given twice");
  CHECK(one.released == 2 && two.released == 2);
  parts[1].name = NULL;
  CHECK(leo_open(SHOP, NULL, parts, 2, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`name` is NULL");
  parts[1] = (LeoPart){.name = "clock"};
  CHECK(leo_open(SHOP, NULL, parts, 2, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "has no `call`");
  CHECK(leo_open(SHOP, NULL, NULL, 2, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`parts` is NULL");
  CHECK(leo_open(NULL, NULL, parts, 1, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`place` is NULL");
  CHECK(one.released == 5 && two.released == 3);
}

/* A source that gives what its answers say, by IPC or badly. */
static void read_source(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)arguments;
  Answers *answers = user_data;
  if (strcmp(method, "introspect") == 0) {
    leo_reply_json(reply, "{\"dialect\": \"sqlite\", \"tables\": [{\"name\": \"orders\", \"columns\": [{\"name\": \"id\", \"type\": \"INTEGER\"}]}]}");
  } else if (strcmp(method, "start") != 0) {
    leo_reply_json(reply, NULL);
  } else if (answers->json == NULL) {
    leo_reply_arrow(reply, NULL);
  } else if (answers->fails_with == -2) {
    leo_reply_ipc(reply, (const uint8_t *)answers->json, strlen(answers->json));
  } else {
    leo_reply_json(reply, answers->json);
  }
}

static void sources(void) {
  struct {
    Answers answers;
    LeoErrorKind kind;
  } cases[] = {
      {{.json = "{\"columns\": [\"id\"], \"rows\": [[3], [4]]}", .fails_with = -1}, LEO_ERROR_NONE},
      {{.json = "\x10", .fails_with = -2}, LEO_ERROR_ADAPTER},
      {{.json = NULL, .fails_with = -1}, LEO_ERROR_ADAPTER},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    LeoError *error = NULL;
    const LeoPart part = {"source:mine", read_source, &cases[i].answers, release};
    LeoBuildOptions options = {
        .size = sizeof options,
        .preset = "local",
        .sources = "[{\"id\": \"mine\", \"connector\": {\"dialect\": \"sqlite\"}, \"execution\": true}]",
    };
    Leo *leo = leo_build(&options, &part, 1, &error);
    CHECK_OK(error);
    LeoSyncOptions syncing = {.size = sizeof syncing, .profile = -1};
    leo_string_free(leo_sync(leo, &syncing, &error));
    CHECK_OK(error);
    LeoAnswer *answer = leo_sql(leo, "SELECT id FROM orders", NULL, &error);
    if (cases[i].kind == LEO_ERROR_NONE) {
      CHECK_OK(error);
    } else {
      CHECK_ERROR(error, cases[i].kind, "");
    }
    CHECK(leo_answer_row_count(answer) == (answer ? 2 : 0));
    CHECK(leo_sql(leo, "DELETE FROM orders", NULL, &error) == NULL);
    CHECK_ERROR(error, LEO_ERROR_REJECTED, "");
    leo_answer_free(answer);
    leo_free(leo);
  }
}

static void storages(void) {
  LeoError *error = NULL;
  Answers forgets = {.json = "null", .fails_with = -1};
  LeoPart part = {"storage", answer_at_once, &forgets, release};
  char *report = leo_check_storage(&part, &error);
  CHECK_OK(error);
  CHECK(report != NULL && strstr(report, "outcome") != NULL);
  leo_string_free(report);
  part.name = "clock";
  CHECK(leo_check_storage(&part, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`storage`");
  CHECK(leo_check_storage(NULL, &error) == NULL);
  CHECK_ERROR(error, LEO_ERROR_CONFIG, "`storage`");
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: %s DATABASE\n", *arguments);
    return 2;
  }
  SHOP = arguments[1];
  authorizers();
  wrong_parts();
  sources();
  storages();
  return checked("parts");
}
