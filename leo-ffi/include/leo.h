/*
 * Leo: ask your data. Plain questions in, vetted SQL and explained answers out.
 *
 * This file is made from leo-ffi/src; change it there.
 *
 * Errors. A function that can fail takes `LeoError **error` last. It sets `*error` to NULL when it succeeds, and to an error of the
 * caller's (leo_error_free) when it fails; then it gives NULL, false or -1. `error` may be NULL: then what went wrong is lost.
 *
 * Ownership. What a function takes stays the caller's, and is read during the call only. What it gives is the caller's, to be freed by the
 * function that its text names, once: a second time is undefined, as is any use afterwards. `const char *` results belong to the object they
 * come from. Every function that frees takes NULL.
 *
 * Texts. All are UTF-8 and end with a zero byte. Anything else is an error of kind LEO_ERROR_CONFIG, not a crash.
 *
 * Options. Structs begin with their size; what is zero or NULL is not given:
 *     LeoAskOptions options = {.size = sizeof options, .max_rows = 10};
 *
 * Threads. Every function may be called from any thread, and any object used by several at once, except that nothing may be freed while
 * another thread uses it. Calls block the thread they are made from; leo_cancel ends the wait. After fork() a child uses handles as usual.
 */

#ifndef LEO_H
#define LEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrow's C interface, as its specification has it; https://arrow.apache.org/docs/format/CDataInterface.html */
#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif

#ifdef __cplusplus
}
#endif


/**
 * What a program can do about an error. Numbers stay as they are; there may be more one day.
 */
typedef enum {
  /**
   * There is no error.
   */
  LEO_ERROR_NONE = 0,
  /**
   * A setting, path or option is wrong or missing; change the configuration.
   */
  LEO_ERROR_CONFIG = 1,
  /**
   * The user may not do this; ask whoever grants access.
   */
  LEO_ERROR_DENIED = 2,
  /**
   * The guard refused the statement; the findings say why.
   */
  LEO_ERROR_REJECTED = 3,
  /**
   * The statement runs only after somebody with the right approves it.
   */
  LEO_ERROR_NEEDS_APPROVAL = 4,
  /**
   * The named thing does not exist.
   */
  LEO_ERROR_NOT_FOUND = 5,
  /**
   * Somebody else holds or changed the thing; look again, then retry.
   */
  LEO_ERROR_CONFLICT = 6,
  /**
   * Leo, this build or this source cannot do that.
   */
  LEO_ERROR_UNSUPPORTED = 7,
  /**
   * The database, model or storage cannot be reached right now; retry later.
   */
  LEO_ERROR_UNAVAILABLE = 8,
  /**
   * Too many calls; retry after the stated time.
   */
  LEO_ERROR_RATE_LIMITED = 9,
  /**
   * The statement would cost more than is allowed.
   */
  LEO_ERROR_OVER_BUDGET = 10,
  /**
   * The deadline or the command timeout passed.
   */
  LEO_ERROR_TIMEOUT = 11,
  /**
   * The call was cancelled, by its `LeoCancel` or by the database.
   */
  LEO_ERROR_CANCELLED = 12,
  /**
   * The handle was closed.
   */
  LEO_ERROR_CLOSED = 13,
  /**
   * A stated limit (size, length, memory) was exceeded.
   */
  LEO_ERROR_LIMIT_EXCEEDED = 14,
  /**
   * Input or stored data does not have the form it must have.
   */
  LEO_ERROR_MALFORMED = 15,
  /**
   * A part of the host's failed.
   */
  LEO_ERROR_ADAPTER = 16,
  /**
   * A defect in Leo; please report it.
   */
  LEO_ERROR_INTERNAL = 17,
} LeoErrorKind;

/**
 * What came of a question. Numbers stay as they are; there may be more one day.
 */
typedef enum {
  /**
   * There is no answer object.
   */
  LEO_STATUS_NONE = 0,
  /**
   * Here it is.
   */
  LEO_STATUS_ANSWERED = 1,
  /**
   * The words have several readings; choose one.
   */
  LEO_STATUS_CLARIFY = 2,
  /**
   * It asks for data, but not for data that is here, or not in a way that can be read.
   */
  LEO_STATUS_DECLINED = 3,
  /**
   * It asks for no data.
   */
  LEO_STATUS_NOT_DATA_QUESTION = 4,
  /**
   * Somebody with the right has to approve the statement.
   */
  LEO_STATUS_NEEDS_APPROVAL = 5,
  /**
   * The guard refused the statement.
   */
  LEO_STATUS_BLOCKED = 6,
  /**
   * The statement is ready, but execution is off for this source.
   */
  LEO_STATUS_NOT_EXECUTED = 7,
  /**
   * It will be answered later.
   */
  LEO_STATUS_QUEUED = 8,
  /**
   * An earlier answer, because a fresh one could not be had.
   */
  LEO_STATUS_STALE = 9,
  /**
   * Something that this version of the interface has no number for.
   */
  LEO_STATUS_OTHER = -1,
} LeoStatus;

/**
 * A handle on sources. Any number of threads may use it at once.
 */
typedef struct Leo Leo;

/**
 * What came of a question or a statement. It belongs to who was given it: `leo_answer_free`. Any thread may read it.
 */
typedef struct LeoAnswer LeoAnswer;

/**
 * Cancels the calls it was given to. Any thread may use it.
 */
typedef struct LeoCancel LeoCancel;

/**
 * What went wrong, and what to do about it. It belongs to who was given it: `leo_error_free`. Any thread may read it.
 */
typedef struct LeoError LeoError;

/**
 * A call under way and what it tells. It belongs to who was given it: `leo_events_free`. Any thread may use it, one at a time; others wait.
 */
typedef struct LeoEvents LeoEvents;

/**
 * Where a part's function answers. Exactly one `leo_reply_…` function takes it; one that comes too late is heard by nobody, and does no harm.
 */
typedef struct LeoReply LeoReply;

/**
 * Options of `leo_open`.
 */
typedef struct {
  /**
   * `sizeof(LeoOpenOptions)`.
   */
  size_t size;
  /**
   * Id of the source; the name of its database or file unless given.
   */
  const char *id;
  /**
   * Whether statements may run: 1 yes, -1 no, 0 as usual, which is yes.
   */
  int32_t execution;
  /**
   * Settings for the whole process, a JSON object.
   */
  const char *settings;
  /**
   * Metrics and synonyms, a JSON object.
   */
  const char *knowledge;
  /**
   * Columns with personal data, a JSON object: `table.column` to kind.
   */
  const char *personal_data;
  /**
   * The day relative windows count from, for data that was frozen then.
   */
  const char *as_of;
  /**
   * The file that the audit is written to; in memory unless given.
   */
  const char *audit;
  /**
   * Milliseconds that the host's own parts have for one call; 30,000 unless given.
   */
  uint64_t adapter_timeout_ms;
  /**
   * The file that what outlives the process is kept in, made where there is none; in memory unless given.
   */
  const char *storage;
  /**
   * The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
   */
  const char *keys;
  /**
   * Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, or a JSON object of fields, or a JSON array
   * of these, asked one after the other behind the host's own.
   */
  const char *model;
  /**
   * The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
   */
  const char *record_models;
} LeoOpenOptions;

/**
 * A function of the host's: it is called with the part's user data, the name of a method, and the method's arguments as a JSON array, and
 * answers by exactly one of the `leo_reply_…` functions, before it returns or later, from any thread. The texts are valid until it returns.
 * It is called on threads of the library, several at once, and may call the library. Neither a C++ exception nor a `longjmp` may leave it.
 */
typedef void (*LeoCallback)(void *user_data, const char *method, const char *arguments, LeoReply *reply);

/**
 * A part of the host's. README.md says which parts there are, with their methods.
 */
typedef struct {
  /**
   * `authorizer`, `audit`, `resolver`, `credentials`, `storage`, `clock`, `model`, `embedder`, or `source:` and the id of a source.
   */
  const char *name;
  /**
   * What is called.
   */
  LeoCallback call;
  /**
   * What it is called with. The library does nothing with it but hand it over, on any thread.
   */
  void *user_data;
  /**
   * Called once with the user data when nothing will call the part any more, on any thread; also when the function that was given the part
   * fails. May be NULL.
   */
  void (*release)(void *user_data);
} LeoPart;

/**
 * Options of `leo_build`.
 */
typedef struct {
  /**
   * `sizeof(LeoBuildOptions)`.
   */
  size_t size;
  /**
   * `embedded` (tenants and untrusted users), which is what it is unless given, or `local` (one trusted person).
   */
  const char *preset;
  /**
   * The sources for all tenants, a JSON array: each a place, or an object with the fields of `LeoSourceOptions`.
   */
  const char *sources;
  /**
   * Settings for the whole process, a JSON object.
   */
  const char *settings;
  /**
   * Whether statements may run at sources that do not say so themselves: 1 yes, -1 no, 0 as the preset has it.
   */
  int32_t execution;
  /**
   * The user calls are made for where none is bound, in the preset `local`: a JSON object with the arguments of `leo_for_user`.
   */
  const char *identity;
  /**
   * The file that the audit is written to.
   */
  const char *audit;
  /**
   * Milliseconds that the host's own parts have for one call; 30,000 unless given.
   */
  uint64_t adapter_timeout_ms;
  /**
   * The file that what outlives the process is kept in, made where there is none; in memory unless given.
   */
  const char *storage;
  /**
   * The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
   */
  const char *keys;
  /**
   * Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, or a JSON object of fields, or a JSON array
   * of these, asked one after the other behind the host's own.
   */
  const char *model;
  /**
   * The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
   */
  const char *record_models;
} LeoBuildOptions;

/**
 * Options of `leo_for_user`.
 */
typedef struct {
  /**
   * `sizeof(LeoUserOptions)`.
   */
  size_t size;
  /**
   * The user's roles, a JSON array.
   */
  const char *roles;
  /**
   * Attributes for row filters, a JSON object.
   */
  const char *attributes;
  /**
   * IANA name of the user's zone.
   */
  const char *time_zone;
  /**
   * BCP 47 tag.
   */
  const char *locale;
  /**
   * The moment the question is asked, in ISO form with its offset; the clock's unless given.
   */
  const char *now;
  /**
   * The conversation.
   */
  const char *session;
  /**
   * Where the call comes from, a JSON object.
   */
  const char *client;
  /**
   * W3C `traceparent`.
   */
  const char *trace_parent;
  /**
   * Milliseconds that all calls of the handle have together, from now.
   */
  uint64_t timeout_ms;
} LeoUserOptions;

/**
 * Options of `leo_ask`, `leo_ask_query` and `leo_ask_stream`.
 */
typedef struct {
  /**
   * `sizeof(LeoAskOptions)`.
   */
  size_t size;
  /**
   * Id of the source; needed when there are several.
   */
  const char *source;
  /**
   * The day relative windows count from, such as `2024-06-30`, instead of today.
   */
  const char *as_of;
  /**
   * Rows of the answer at most.
   */
  uint64_t max_rows;
  /**
   * Milliseconds for the statement.
   */
  uint64_t timeout_ms;
  /**
   * Settings for this call alone, a JSON object.
   */
  const char *settings;
  /**
   * Cancels the call. It is only looked at during the function it is given to, and by the stream that it begins.
   */
  const LeoCancel *cancel;
  /**
   * Id of the conversation that the question belongs to; begun where there is none.
   */
  const char *session;
} LeoAskOptions;

/**
 * Options of `leo_sql`, `leo_sql_stream`, `leo_vet` and `leo_lineage`.
 */
typedef struct {
  /**
   * `sizeof(LeoSqlOptions)`.
   */
  size_t size;
  /**
   * Values of the placeholders in order, a JSON array.
   */
  const char *params;
  /**
   * Id of the source; needed when there are several.
   */
  const char *source;
  /**
   * Rows of the result at most.
   */
  uint64_t max_rows;
  /**
   * Milliseconds for the statement.
   */
  uint64_t timeout_ms;
  /**
   * Settings for this call alone, a JSON object.
   */
  const char *settings;
  /**
   * Cancels the call, and the stream that it begins.
   */
  const LeoCancel *cancel;
  /**
   * Where `leo_sql_stream` writes 1 when the rows end and there were more than `max_rows`, 5,000 unless given. It must be there until the stream is
   * released.
   */
  int32_t *truncated;
} LeoSqlOptions;

/**
 * Options of `leo_sync` and `leo_sync_stream`.
 */
typedef struct {
  /**
   * `sizeof(LeoSyncOptions)`.
   */
  size_t size;
  /**
   * Id of the source; needed when there are several.
   */
  const char *source;
  /**
   * Globs over `schema.table`, a JSON array; all tables unless given.
   */
  const char *include;
  /**
   * Globs over `schema.table`, a JSON array; they win.
   */
  const char *exclude;
  /**
   * Whether tables are read for statistics: 1 yes, -1 no, 0 as usual, which is yes.
   */
  int32_t profile;
  /**
   * Milliseconds for one table.
   */
  uint64_t table_timeout_ms;
  /**
   * Cancels the call, and the stream that it begins.
   */
  const LeoCancel *cancel;
  /**
   * Tables read at a time; 2 unless given.
   */
  uint64_t parallel;
  /**
   * Tables, `schema.table`, whose rows are read, a JSON array; what is known of others stays. All unless given.
   */
  const char *only;
} LeoSyncOptions;

/**
 * Options of `leo_evaluate`.
 */
typedef struct {
  /**
   * `sizeof(LeoEvaluateOptions)`.
   */
  size_t size;
  /**
   * Id of the source that rows ask which name none; needed when there are several.
   */
  const char *source;
  /**
   * The day relative windows count from, such as `2024-06-30`, instead of today.
   */
  const char *as_of;
  /**
   * How many rows of the suite are asked, from the first on; all unless given.
   */
  uint64_t limit;
  /**
   * Conversations asked at the same time; 2 unless given.
   */
  uint64_t workers;
  /**
   * Whether each turn of a conversation is asked as if nothing had come before it: 1 yes, -1 no, 0 as usual, which is no.
   */
  int32_t one_by_one;
  /**
   * What the run has to reach, a JSON object; what it misses is told as `missed`.
   */
  const char *gates;
  /**
   * What `leo_evaluate` gave earlier, to compare with: the difference is told as `comparison`.
   */
  const char *baseline;
  /**
   * Cancels the call.
   */
  const LeoCancel *cancel;
} LeoEvaluateOptions;

/**
 * A source for `leo_sources_add`.
 */
typedef struct {
  /**
   * `sizeof(LeoSourceOptions)`.
   */
  size_t size;
  /**
   * Path, URL, ADO string, or a JSON object of fields.
   */
  const char *place;
  /**
   * What a source is that a part of the host's reads, a JSON object; such sources are given to `leo_build`.
   */
  const char *connector;
  /**
   * Its id; the name of its database or file unless given.
   */
  const char *id;
  /**
   * Whether statements may run: 1 yes, -1 no, 0 as usual.
   */
  int32_t execution;
  /**
   * Settings for questions to this source, a JSON object.
   */
  const char *settings;
  /**
   * Metrics and synonyms, a JSON object.
   */
  const char *knowledge;
  /**
   * Columns with personal data, a JSON object: `table.column` to kind.
   */
  const char *personal_data;
  /**
   * The day relative windows count from, for data that was frozen then.
   */
  const char *as_of;
} LeoSourceOptions;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Its kind; `LEO_ERROR_NONE` for NULL.
 */
LeoErrorKind leo_error_kind(const LeoError *error);

/**
 * The name of its kind, the same in every language: `denied`, `not_found` … NULL for NULL. Valid as long as the error.
 */
const char *leo_error_name(const LeoError *error);

/**
 * What a person reads; it holds no value of a row and no password. NULL for NULL. Valid as long as the error.
 */
const char *leo_error_message(const LeoError *error);

/**
 * All of it as JSON: `kind`, `message`, `context`, `findings` of the guard, `retryable`, and as `cause` the error that led to it. NULL for
 * NULL. Valid as long as the error. A cause may hold what a part of the host's said: do not show it to users.
 */
const char *leo_error_json(const LeoError *error);

/**
 * Whether the same call may succeed later without anything being changed.
 */
bool leo_error_is_retryable(const LeoError *error);

/**
 * Frees an error. NULL is nothing.
 */
void leo_error_free(LeoError *error);

/**
 * One that nobody has used. It is the caller's: `leo_cancel_free`.
 */
LeoCancel *leo_cancel_new(void);

/**
 * Cancels the calls it was given to, in the database too; they fail with `LEO_ERROR_CANCELLED`. Calls that it is given to later fail at
 * once. NULL is nothing. It may be called from any thread, but not from a signal handler.
 */
void leo_cancel(const LeoCancel *cancel);

/**
 * Frees it, also while calls that it was given to still run. NULL is nothing.
 */
void leo_cancel_free(LeoCancel *cancel);

/**
 * Answers with plain data as JSON; NULL and `null` are nothing. The text is copied. The reply is taken.
 */
void leo_reply_json(LeoReply *reply, const char *data);

/**
 * Answers that it failed. `kind` is one of `LeoErrorKind`: the call that needed the part fails with that kind and `message`. With
 * `LEO_ERROR_NONE` it fails with `LEO_ERROR_ADAPTER`, and `message` is the cause, for developers only. The text is copied. The reply is taken.
 */
void leo_reply_error(LeoReply *reply,
                     int32_t kind,
                     const char *message);

/**
 * Answers with rows as an Arrow C stream, which is moved: its `release` is NULL afterwards. The library reads it on threads of its own. The
 * reply is taken.
 */
void leo_reply_arrow(LeoReply *reply,
                     struct ArrowArrayStream *stream);

/**
 * Answers with rows as a stream of Arrow's IPC format. The bytes are copied. The reply is taken.
 */
void leo_reply_ipc(LeoReply *reply, const uint8_t *bytes, size_t length);

/**
 * Opens what a path, a URL or an ADO string names, for one trusted person, and connects to it.
 *
 * `options` may be NULL. `parts` are `part_count` parts of the host's; see `LeoPart`. Gives NULL and an error when it cannot be opened.
 * The handle is the caller's: `leo_free`.
 */
Leo *leo_open(const char *place,
              const LeoOpenOptions *options,
              const LeoPart *parts,
              size_t part_count,
              LeoError **error);

/**
 * Builds a handle for tenants and untrusted users, or what else `options` say.
 *
 * `parts` are `part_count` parts of the host's; see `LeoPart`. Gives NULL and an error when something is missing. The handle is the
 * caller's: `leo_free`.
 */
Leo *leo_build(const LeoBuildOptions *options,
               const LeoPart *parts,
               size_t part_count,
               LeoError **error);

/**
 * Opens a company that was made up, to try things on; `leo_sample_path` says where it is. Options and parts are those of `leo_open`, and may be
 * NULL and 0. The handle is the caller's: `leo_free`.
 */
Leo *leo_sample(const LeoOpenOptions *options,
                const LeoPart *parts,
                size_t part_count,
                LeoError **error);

/**
 * Where the sample company is, a SQLite file, made in the cache folder at the first call. The text is the caller's: `leo_string_free`. NULL and
 * an error when it cannot be made.
 */
char *leo_sample_path(LeoError **error);

/**
 * The same handle for a user of a tenant; its calls are made for them. `options` may be NULL.
 *
 * It is a handle of its own, the caller's: `leo_free`. It may outlive the one it was made of.
 */
Leo *leo_for_user(const Leo *leo,
                  const char *tenant,
                  const char *user,
                  const LeoUserOptions *options,
                  LeoError **error);

/**
 * Lets go of a handle; its connections close when the last handle made of the same is freed. NULL is nothing.
 *
 * No thread may use the handle any more. Answers, events and streams that came from it stay as they are.
 */
void leo_free(Leo *leo);

/**
 * Makes the call called `name` with a JSON object of arguments, and gives what it gives as JSON: an answer with its rows, `null` for nothing.
 *
 * It is the way for languages that would rather give JSON than fill structs; names and arguments are those of the functions (`sources.add`
 * for `leo_sources_add`). `arguments` and `cancel` may be NULL. Calls that begin a stream have functions only. The text is the caller's:
 * `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_call(const Leo *leo,
               const char *name,
               const char *arguments,
               const LeoCancel *cancel,
               LeoError **error);

/**
 * Checks a storage of the host's against the contract of storages, which takes some three seconds: a JSON array of checks, each with `name`
 * and `outcome`. The text is the caller's: `leo_string_free`.
 */
char *leo_check_storage(const LeoPart *part,
                        LeoError **error);

/**
 * Answers a question. `options` may be NULL.
 *
 * An answer that is none (`LEO_STATUS_DECLINED` and others) is no error. The answer is the caller's: `leo_answer_free`. NULL and an error
 * when the call fails.
 */
LeoAnswer *leo_ask(const Leo *leo,
                   const char *question,
                   const LeoAskOptions *options,
                   LeoError **error);

/**
 * Answers a semantic query, a JSON object: the option of a clarification, a saved query. `options` may be NULL.
 *
 * The answer is the caller's: `leo_answer_free`. NULL and an error when the call fails.
 */
LeoAnswer *leo_ask_query(const Leo *leo,
                         const char *query,
                         const LeoAskOptions *options,
                         LeoError **error);

/**
 * Begins to answer a question, and tells as each stage begins and ends. `options` may be NULL.
 *
 * The events are the caller's: `leo_events_free`, which cancels what still runs. NULL and an error when it cannot begin.
 */
LeoEvents *leo_ask_stream(const Leo *leo,
                          const char *question,
                          const LeoAskOptions *options,
                          LeoError **error);

/**
 * Runs a statement through the guard. `options` may be NULL.
 *
 * The answer is the caller's: `leo_answer_free`. NULL and an error when the guard refuses it or it fails.
 */
LeoAnswer *leo_sql(const Leo *leo, const char *text, const LeoSqlOptions *options, LeoError **error);

/**
 * Runs a statement through the guard and hands out its rows as they come, as an Arrow C stream. `options` may be NULL.
 *
 * `out` is a place for a stream, written only on success; then the stream is the caller's: `out->release(out)`, from any thread, which stops
 * what still runs. A `get_next` that waits is ended by the options' `cancel`; whether rows were left out is told by its `truncated`. False and an error when it cannot begin.
 */
bool leo_sql_stream(const Leo *leo,
                    const char *text,
                    const LeoSqlOptions *options,
                    struct ArrowArrayStream *out,
                    LeoError **error);

/**
 * Vets a statement without running it: a JSON object with the verdict, what the guard found, and what it made of the statement. `options`
 * may be NULL. The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_vet(const Leo *leo,
              const char *text,
              const LeoSqlOptions *options,
              LeoError **error);

/**
 * The source columns that each output column of a statement derives from: a JSON array. `options` may be NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the guard refuses the statement.
 */
char *leo_lineage(const Leo *leo,
                  const char *text,
                  const LeoSqlOptions *options,
                  LeoError **error);

/**
 * What is known about a source, as far as the user may see it: a JSON object. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_catalog(const Leo *leo,
                  const char *source,
                  LeoError **error);

/**
 * Tables and columns of a source that fit words, best first: a JSON array of at most `limit` hits, 20 where it is 0. `source` may be NULL
 * where there is one source. The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_search(const Leo *leo,
                 const char *words,
                 const char *source,
                 size_t limit,
                 LeoError **error);

/**
 * What a source holds at a glance, a JSON object: its tables, how new and how good their rows are, where to begin, what can be asked. `source`
 * may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_map(const Leo *leo,
              const char *source,
              LeoError **error);

/**
 * A table in detail, a JSON object. Where `sample` is not 0, that many rows at most are read like those of any statement, personal data
 * replaced. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_map_table(const Leo *leo,
                    const char *table,
                    uint64_t sample,
                    const char *source,
                    LeoError **error);

/**
 * How tables are joined, a JSON object: all of them where `around` is NULL, else those that are at most `joins` joins away from that table.
 * `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_map_graph(const Leo *leo,
                    const char *around,
                    size_t joins,
                    const char *source,
                    LeoError **error);

/**
 * How good the rows are, a JSON object, worst table first. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_map_quality(const Leo *leo, const char *source, LeoError **error);

/**
 * The map as text, a JSON string: `form` is `html` for one page with `sample` rows of each table, `mermaid`, `dot` or `json` for the graph as
 * `leo_map_graph` gives it, `ddl` for the statements that would make the tables. `around` and `source` may be NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_export_map(const Leo *leo,
                     const char *form,
                     const char *around,
                     size_t joins,
                     uint64_t sample,
                     const char *source,
                     LeoError **error);

/**
 * Reads a source's structure, statistics and relationships anew, and gives what is known now, as `leo_catalog`. `options` may be NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sync(const Leo *leo,
               const LeoSyncOptions *options,
               LeoError **error);

/**
 * Reads a source anew, telling how far it is. `options` may be NULL.
 *
 * The events are the caller's: `leo_events_free`, which cancels what still runs. NULL and an error when it cannot begin.
 */
LeoEvents *leo_sync_stream(const Leo *leo,
                           const LeoSyncOptions *options,
                           LeoError **error);

/**
 * How far the sync of a source is, or how the last one went: a JSON object. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sync_status(const Leo *leo,
                      const char *source,
                      LeoError **error);

/**
 * Does something about tables that a sync could not read: `retry`, `retry_with_sampling` or `skip_and_continue`. `tables` is a JSON array of
 * `schema.table`; NULL means all. `source` may be NULL where there is one source. Gives the status as `leo_sync_status`.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_resolve_failed(const Leo *leo,
                         const char *action,
                         const char *tables,
                         const char *source,
                         LeoError **error);

/**
 * Syncs the sources whose setting `sync.interval_minutes` says that it is time: a JSON array of what was done. Call it from a timer.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_run_due(const Leo *leo,
                  LeoError **error);

/**
 * What people said about a source: a JSON object with its version. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_knowledge(const Leo *leo,
                    const char *source,
                    LeoError **error);

/**
 * An earlier version of what people said about a source, as `leo_knowledge`.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_knowledge_at(const Leo *leo, uint64_t version, const char *source, LeoError **error);

/**
 * Replaces what people said about a source by a JSON object, and gives its version as a JSON number. With `expected` not NULL, only when that is the
 * version there is. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_set_knowledge(const Leo *leo,
                        const char *knowledge,
                        const uint64_t *expected,
                        const char *source,
                        LeoError **error);

/**
 * As `leo_set_knowledge`, from the text of a `leo.yaml`; mistakes are an error with their lines, and nothing is imported then.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_import_knowledge(const Leo *leo,
                           const char *yaml,
                           const uint64_t *expected,
                           const char *source,
                           LeoError **error);

/**
 * What in a `leo.yaml` is of no effect at a source, by lines: a JSON array. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_check_knowledge(const Leo *leo,
                          const char *yaml,
                          const char *source,
                          LeoError **error);

/**
 * Everything that is in force at a source, as the text of a `leo.yaml`, a JSON text. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_export_knowledge(const Leo *leo,
                           const char *source,
                           LeoError **error);

/**
 * Columns of which nobody is sure whether they hold personal data: a JSON array. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_personal_review(const Leo *leo,
                          const char *source,
                          LeoError **error);

/**
 * Decides whether columns hold personal data, by a JSON array of decisions, and gives the version of `leo_knowledge` they are part of, a JSON
 * number. `source` may be NULL where there is one source.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_decide_personal(const Leo *leo,
                          const char *decisions,
                          const char *source,
                          LeoError **error);

/**
 * Turns execution on or off for a source. `source` may be NULL where there is one source. False and an error when the call fails.
 */
bool leo_set_execution(const Leo *leo,
                       bool on,
                       const char *source,
                       LeoError **error);

/**
 * The settings in force for the user and a source, each with where it was set: a JSON array. `source` may be NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_settings(const Leo *leo,
                   const char *source,
                   LeoError **error);

/**
 * Replaces the settings of the user's tenant by a JSON object, from the next call on. False and an error when the call fails.
 */
bool leo_set_tenant_settings(const Leo *leo,
                             const char *settings,
                             LeoError **error);

/**
 * The user's own tenant's records that the audit in memory still holds, oldest first: a JSON array.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_recent_audit(const Leo *leo, LeoError **error);

/**
 * What the tenant's users spent on models from `first` to `last`, days such as `2026-11-30`, both included: a JSON array by day of UTC, user and model.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 *
 * # Safety
 * `first` and `last` are NUL-terminated.
 */
char *leo_model_spending(const Leo *leo,
                         const char *first,
                         const char *last,
                         LeoError **error);

/**
 * How each model did since the process began, in the order in which they are asked, for the host alone: a JSON array.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_model_statistics(const Leo *leo,
                           LeoError **error);

/**
 * A sentence for the user, once, when the audit in memory had to drop records: a JSON text, or `null`.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_audit_notice(const Leo *leo, LeoError **error);

/**
 * Closes every connection of the handle and of those made of it; later calls fail with `LEO_ERROR_CLOSED`. It must be freed all the same.
 * False and an error when the audit could not be written to its end.
 */
bool leo_close(const Leo *leo,
               LeoError **error);

/**
 * Asks the questions of a suite as the handle's user, and scores the answers: a JSON object with `report`, `questions`, and where there are any
 * `comparison` and `missed`. `suite` is its text (YAML, JSON lines or a JSON array), or `{"path": "questions.yaml"}`. `options` may be NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails; what goes wrong with a question is counted, and no error.
 */
char *leo_evaluate(const Leo *leo,
                   const char *suite,
                   const LeoEvaluateOptions *options,
                   LeoError **error);

/**
 * What changed between two results of `leo_evaluate`: a JSON object.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_compare_evaluations(const Leo *leo, const char *before, const char *after, LeoError **error);

/**
 * A result of `leo_evaluate` as one page of HTML. `title` may be NULL, and so may `suite`: with it, as `leo_evaluate` takes it, the page shows its
 * references, which results have not.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_evaluation_html(const Leo *leo,
                          const char *evaluation,
                          const char *title,
                          const char *suite,
                          LeoError **error);

/**
 * The user's own conversations, pinned ones first, then the newest: a JSON array.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sessions_list(const Leo *leo, LeoError **error);

/**
 * A conversation of the user's own, with its turns: a JSON object.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sessions_get(const Leo *leo, const char *id, LeoError **error);

/**
 * Gives a conversation another title: what the list says of it then, a JSON object.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sessions_rename(const Leo *leo, const char *id, const char *title, LeoError **error);

/**
 * Keeps a conversation at the top of the list, or no longer: what the list says of it then, a JSON object.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sessions_pin(const Leo *leo, const char *id, bool pinned, LeoError **error);

/**
 * Deletes a conversation and all its turns.
 *
 * False and an error when the call fails.
 */
bool leo_sessions_delete(const Leo *leo, const char *id, LeoError **error);

/**
 * A conversation as text: `json` or `markdown`.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sessions_export(const Leo *leo, const char *id, const char *format, LeoError **error);

/**
 * The user's own questions that are answered later, the oldest first: a JSON array.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_tickets_list(const Leo *leo, LeoError **error);

/**
 * A ticket as it stands now: a JSON object with its place and about when its turn comes.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_tickets_get(const Leo *leo, const char *id, LeoError **error);

/**
 * Asks the question of a ticket. The status of the answer is `queued` once more where it still has to wait.
 *
 * The answer is the caller's: `leo_answer_free`. NULL and an error when the call fails.
 */
LeoAnswer *leo_tickets_redeem(const Leo *leo, const char *id, LeoError **error);

/**
 * Gives a ticket back: its question is not answered any more.
 *
 * False and an error when the call fails.
 */
bool leo_tickets_cancel(const Leo *leo, const char *id, LeoError **error);

/**
 * Adds a source for the user's tenant, without connecting to it. False and an error when the call fails.
 */
bool leo_sources_add(const Leo *leo, const LeoSourceOptions *options, LeoError **error);

/**
 * The sources that the user may look at, in the order of registration: a JSON array.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sources_list(const Leo *leo, LeoError **error);

/**
 * How a source does, without asking it: a JSON object.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sources_status(const Leo *leo, const char *id, LeoError **error);

/**
 * Connects to a source, looks around and says what it found: a JSON object.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
 */
char *leo_sources_test(const Leo *leo, const char *id, LeoError **error);

/**
 * Opens a source anew at another place or with another login, and uses it from then on. `place` is a path, URL, ADO string, or a JSON object
 * of fields. False and an error when the call fails; then the source is what it was.
 */
bool leo_sources_update(const Leo *leo,
                        const char *id,
                        const char *place,
                        LeoError **error);

/**
 * Disconnects a source: calls under way may end within `wait_ms` milliseconds and are cancelled then. How many were; -1 and an error when the
 * call fails.
 */
int64_t leo_sources_disconnect(const Leo *leo,
                               const char *id,
                               uint64_t wait_ms,
                               LeoError **error);

/**
 * Removes a source; its id is free again. False and an error when the call fails.
 */
bool leo_sources_remove(const Leo *leo, const char *id, LeoError **error);

/**
 * What came of it; `LEO_STATUS_NONE` for NULL.
 */
LeoStatus leo_answer_status(const LeoAnswer *answer);

/**
 * What it says in words: the answer, the question back, or why there is none. NULL for NULL. Valid as long as the answer.
 */
const char *leo_answer_text(const LeoAnswer *answer);

/**
 * The statement as sent to the database, values apart; NULL where there is none. Valid as long as the answer.
 */
const char *leo_answer_sql(const LeoAnswer *answer);

/**
 * Number of its rows; 0 for NULL.
 */
uint64_t leo_answer_row_count(const LeoAnswer *answer);

/**
 * All of it as JSON, rows included. The text is the caller's: `leo_string_free`. NULL and an error for NULL.
 */
char *leo_answer_json(const LeoAnswer *answer, LeoError **error);

/**
 * Its rows as an Arrow C stream, without a copy of them.
 *
 * `out` is a place for a stream, written only on success; then the stream is the caller's: `out->release(out)`, and may outlive the answer.
 * False and an error where there are no rows.
 */
bool leo_answer_arrow(const LeoAnswer *answer,
                      struct ArrowArrayStream *out,
                      LeoError **error);

/**
 * It as a person reads it: `form` is `text` or `html`, `options` a JSON object of that form's options, or NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error for a form or options that there are not.
 */
char *leo_answer_render(const LeoAnswer *answer,
                        const char *form,
                        const char *options,
                        LeoError **error);

/**
 * Its rows as text: `form` is `text`, `csv`, `markdown`, `html` or `json_lines`, `options` a JSON object of that form's options, or NULL.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error where there are no rows, and for a form or options that there are not.
 */
char *leo_answer_render_table(const LeoAnswer *answer,
                              const char *form,
                              const char *options,
                              LeoError **error);

/**
 * Its chart: `form` is `vega_lite` or `echarts` (JSON), or `svg` (a drawing). NULL without an error where there is no chart.
 *
 * The text is the caller's: `leo_string_free`. NULL and an error for a form that there is not.
 */
char *leo_answer_chart(const LeoAnswer *answer,
                       const char *form,
                       LeoError **error);

/**
 * True where it is an answer; else false and the error of its status, for programs that only want answers.
 */
bool leo_answer_raise_for_status(const LeoAnswer *answer, LeoError **error);

/**
 * Frees an answer. NULL is nothing. Texts that it owns end with it, streams do not.
 */
void leo_answer_free(LeoAnswer *answer);

/**
 * Waits for the next event: a JSON object whose `event` is `started`, `finished`, `progress`, and last `answer` or `catalog`.
 *
 * The text is the caller's: `leo_string_free`. NULL without an error after the last; NULL and an error when the call failed, which ends it.
 */
char *leo_events_next(const LeoEvents *events,
                      LeoError **error);

/**
 * Waits for the next event and writes it as a server-sent event for a browser; an error of the call is one too.
 *
 * The text is the caller's: `leo_string_free`. NULL after the last.
 */
char *leo_events_next_sse(const LeoEvents *events,
                          LeoError **error);

/**
 * The answer that the events ended with, once: it is the caller's then: `leo_answer_free`. NULL before the last event and where it was none.
 */
LeoAnswer *leo_events_answer(const LeoEvents *events);

/**
 * Lets go of the events; what still runs is cancelled, in the database too. NULL is nothing. No thread may use them any more.
 */
void leo_events_free(LeoEvents *events);

/**
 * The version of the library, such as `0.1.0`. Valid for ever.
 */
const char *leo_version(void);

/**
 * What this build can open, as JSON. The text is the caller's: `leo_string_free`.
 */
char *leo_features(void);

/**
 * Frees a text that a function of this library gave. NULL is nothing.
 */
void leo_string_free(char *text);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LEO_H */
