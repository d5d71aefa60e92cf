import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { until } from './until.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  code: number | null
  out: string
  err: string
}

export interface Running {
  /** What it printed so far. */
  out(): string
  err(): string
  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Sends a signal and waits for the end; `ms` is how long that took. */
  stop(signal: NodeJS.Signals): Promise<Ended & { ms: number }>
}

interface Options {
  cwd?: string
  env?: Record<string, string>
  /** The program, in place of main.ts. */
  program?: string
  /** A command that runs another one, given as its last arguments. */
  under?: readonly string[]
}

/** `affluent <args>` to its end. */
export async function runAffluent(args: readonly string[], options: Options = {}): Promise<Ended> {
  const process = launch(args, options)
  return process.ended
}

/** Below the limit of a test, so that what was printed is shown. */
const READY_LIMIT_MS = 50_000

/** `affluent <args>` until it prints a line that matches. Fails with all that it printed when it ends before. */
export async function startAffluent(
  args: readonly string[],
  ready: RegExp,
  options: Options = {},
): Promise<Running & { match: RegExpExecArray }> {
  const { child, ended, out, err } = launch(args, options)
  let over = false
  ended.then(() => (over = true))
  const matched = await until(
    () => ready.exec(out()),
    match => match !== null || over,
    READY_LIMIT_MS,
  ).catch(() => null)
  if (!matched) {
    child.kill('SIGKILL')
    throw new Error(`affluent ${args.join(' ')} ${over ? 'ended' : 'is not ready'}:\n${out()}${err()}`)
  }
  return {
    match: matched,
    out,
    err,
    signal: signal => void child.kill(signal),
    async stop(signal) {
      const before = performance.now()
      child.kill(signal)
      const end = await ended
      return { ...end, ms: performance.now() - before }
    },
  }
}

/** The line that `affluent start` prints when everything runs, with the address of the console. */
export const READY = /^Affluent is ready(?:: (\S+))?$/m

/** What a test that failed has left running. */
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

function launch(
  args: readonly string[],
  { cwd = ROOT, env = {}, program = `${ROOT}main.ts`, under = [] }: Options,
) {
  const [command, ...rest] = [...under, process.execPath, program, ...args]
  const child: ChildProcess = spawn(command!, rest, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { out: '', err: '' }
  child.stdout!.on('data', data => (printed.out += data))
  child.stderr!.on('data', data => (printed.err += data))
  running.add(child)
  const ended = once(child, 'close').then(([code]): Ended => {
    running.delete(child)
    return { code, ...printed }
  })
  return { child, ended, out: () => printed.out, err: () => printed.err }
}
