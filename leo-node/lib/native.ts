// Finds the compiled part: the package of this platform, or a file beside this one.

import { join } from 'node:path'

/** A compiled part's promise to call: bytes of rows, or JSON. */
export type Dispatch = (part: string, method: string, args: string) => Promise<string | Buffer>

export interface NativeCancel {
  cancel(): void
}

export interface NativeTable {
  columns(): string[]
  types(): string[]
  numRows(): number
  rows(): string
  ipc(): Buffer
  render(form: string, options: string): string
}

export interface NativeAnswer {
  fields(): string
  table(): NativeTable | null
  render(form: string, options: string): string
  chart(form: string): string | null
  svg(): string | null
  raiseForStatus(): void
}

export interface NativeEvents {
  next(): Promise<string | NativeAnswer | null>
  close(): Promise<void>
}

export interface NativeBatches {
  truncated(): boolean
  next(): Promise<NativeTable | null>
  close(): Promise<void>
}

export interface NativeHandle {
  forUser(context: string): NativeHandle
  data(name: string, args: string, cancel?: NativeCancel): Promise<string>
  answer(name: string, args: string, cancel?: NativeCancel): Promise<NativeAnswer>
  events(name: string, args: string, cancel?: NativeCancel): Promise<NativeEvents>
  batches(name: string, args: string, cancel?: NativeCancel): Promise<NativeBatches>
}

export interface Native {
  Handle: {
    open(place: string, options: string, parts: string[], dispatch: Dispatch): Promise<NativeHandle>
    build(options: string, parts: string[], dispatch: Dispatch): Promise<NativeHandle>
    sample(options: string, parts: string[], dispatch: Dispatch): Promise<NativeHandle>
  }
  Cancel: new () => NativeCancel
  features(): string
  samplePath(): string
  checkStorage(dispatch: Dispatch): Promise<string>
  suggestion(name: string, known: string[]): string
}

/**
 * `linux-x64-gnu`, `darwin-arm64` …: what the packages of this platform are called by. Which C library a Linux has is found out by loading
 * the part for the one and then for the other: the report that could tell takes longer than everything else here.
 */
function platforms(): string[] {
  const { platform, arch } = process
  if (platform === 'linux') return [`linux-${arch}-gnu`, `linux-${arch}-musl`]
  return [platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`]
}

function load(): Native {
  const names = platforms()
  const places = [process.env['ASKLEO_NATIVE'], ...names.flatMap((name) => [join(__dirname, `askleo.${name}.node`), `@askleo/${name}`])]
  const problems: string[] = []
  for (const place of places) {
    if (!place) continue
    try {
      return require(place) as Native
    } catch (error) {
      problems.push(`${place}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  const packages = names.map((name) => `\`@askleo/${name}\``).join(' or ')
  throw new Error(`askleo has no compiled part for this platform; install the package ${packages}, or look at why it could not be loaded:\n  ${problems.join('\n  ')}`)
}

export const native = load()
