import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface RunningPeer {
  child: ChildProcess
  /** Everything that it has printed so far, for the message of a failed start. */
  output(): string
  close(): Promise<void>
  /** Ends it without a word (kill -9). */
  kill(): Promise<void>
}

/** Starts a program and keeps what it prints. */
export function runPeer(program: string, args: string[], env: Record<string, string> = {}): RunningPeer {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  let printed = ''
  child.stdout?.on('data', data => (printed += data))
  child.stderr?.on('data', data => (printed += data))
  return {
    child,
    output: () => printed,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(deadline)
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

const given = new Set<number>()

/**
 * A port that was free a moment ago, for those that cannot pick their own, or that end and come back. It is below the
 * ports that a system gives to whoever asks for any (Linux: from 32768 on), also to each connection: of these one
 * may be taken at any time in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768)
    if (given.has(port)) continue
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    given.add(port)
    return port
  }
}

/** Tries again and again until `attempt` gives something; the peer's death or the deadline ends it. */
export async function untilReady<T>(
  peer: RunningPeer,
  attempt: () => Promise<T | undefined>,
  deadlineMs = 30_000,
): Promise<T> {
  const end = Date.now() + deadlineMs
  for (;;) {
    if (peer.child.exitCode !== null || peer.child.signalCode !== null)
      throw new Error(`the peer ended:\n${peer.output()}`)
    const result = await attempt().catch(() => undefined)
    if (result !== undefined) return result
    if (Date.now() > end) {
      await peer.close()
      throw new Error(`the peer was not ready in ${deadlineMs} ms:\n${peer.output()}`)
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
