/**
 * Ask your data: plain questions in, vetted SQL and explained answers out.
 *
 * ```js
 * import { sample } from 'askleo'
 *
 * await using leo = await sample()
 * const answer = await leo.ask('How many customers do we have?')
 * console.log(answer.text)
 * ```
 */

export { Leo, Sessions, Sources, Tickets, open, sample, samplePath, features } from './leo'
export { cassette, checkStorage } from './testing'
export { Table, Chart } from './answer'
export { Events, Batches } from './stream'
export { LeoError, ConfigError, DeniedError, RejectedError, NeedsApprovalError, NotFoundError, ConflictError, UnsupportedError, UnavailableError, RateLimitedError, OverBudgetError, TimeoutError, CancelledError, ClosedError, LimitExceededError, MalformedError, AdapterError, InternalError } from './errors'
export type { CallOptions, AskOptions, SqlOptions, SyncOptions, EvaluateOptions, EvaluationHtmlOptions, Suite, SuiteRow, SourceOptions, OpenOptions, LeoOptions, UserOptions, SourceInfo, Place, ModelSpec, ModelChoice } from './options'
export type { Answer, AnsweredAnswer, ClarifyAnswer, NeedsApprovalAnswer, RefusedAnswer, Clarification, Refusal, Cell } from './answer'
export type { AskEvent, SyncEvent, QueuedEvent, StartedEvent, ModelAskedEvent, ModelAnsweredEvent, FinishedEvent, ProgressEvent, AnswerEvent, CatalogEvent } from './stream'
export type { ErrorCode, Finding } from './errors'
export type { HostContext, Access, AccessRequest, TablePolicy, Authorizer, AuditSink, SourceResolver, CredentialProvider, HostSource, Rows, Parts, Model, ModelRequest, ModelResponse, Embedder, Clock, Storage } from './adapter'
export type * as data from './schema/output'
export type * as input from './schema/input'
