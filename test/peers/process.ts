import { type ChildProcess, spawn } from 'node:child_process'
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

/**
 * A port that was free a moment ago, for peers that cannot pick their own. Another process may take it in
 * between: callers retry once.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
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
