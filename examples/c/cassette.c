/* What a model answered is recorded once and played from then on: tests with a model that need no key, no network, and always come out the same.
 *
 *   cc cassette.c -lleo -o cassette && ./cassette
 */
#include <dirent.h>
#include <leo.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const RIDES = "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n";

/* Gives `result`, or ends the program with what went wrong: the error is looked at after the call that makes `result`. */
static void *must(void *result, LeoError *const *error) {
  if (*error != NULL) {
    fprintf(stderr, "%s: %s\n", leo_error_name(*error), leo_error_message(*error));
    exit(1);
  }
  return result;
}

/* Stands for the model that you record: the option `model` with `openai:gpt-5-mini`, say. */
static void complete(void *user_data, const char *method, const char *arguments, LeoReply *reply) {
  (void)user_data, (void)method, (void)arguments;
  puts("  [model] asked");
  leo_reply_json(reply, "{\"output\": {\"sql\": \"SELECT max(minutes) - min(minutes) AS spread FROM rides\", \"params\": []}, \"model\": \"one-trick\"}");
}

static void ask(const char *title, const LeoOpenOptions *options, const LeoPart *model) {
  LeoError *error;
  printf("%s\n", title);
  Leo *leo = must(leo_open("rides.csv", options, model, model != NULL, &error), &error);
  LeoAnswer *answer = must(leo_ask(leo, "interquartile spread of the minutes, please", NULL, &error), &error);
  printf("  %s\n", leo_answer_text(answer));
  leo_answer_free(answer);
  leo_free(leo);
}

int main(void) {
  FILE *file = fopen("rides.csv", "w");
  fputs(RIDES, file);
  fclose(file);

  /* Prompts tell the day: fix it, and the same question is the same request tomorrow. */
  const LeoPart model = {"model", complete, NULL, NULL};
  LeoOpenOptions options = {.size = sizeof options, .as_of = "2024-06-30", .record_models = "cassette"};
  ask("recording", &options, &model);
  options.record_models = NULL;
  options.model = "replay:cassette";
  ask("playing", &options, NULL);

  /* Yours stays beside your tests. */
  DIR *folder = opendir("cassette");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char path[300];
    snprintf(path, sizeof path, "cassette/%s", entry->d_name);
    if (entry->d_name[0] != '.') remove(path);
  }
  closedir(folder);
  rmdir("cassette");
  remove("rides.csv");
  return 0;
}
