import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process that is measured. */
export interface Subject {
  pid: number
  close(): Promise<void>
}

/** As bin/affluent.js starts it. */
const YOUNG_GENERATION = '--max-semi-space-size=4'

/** Starts a program of ours with settings; resolves with its first message, which says that it is ready. */
export async function startProcess<Ready>(
  program: URL,
  settings: object,
  profileFolder?: string,
): Promise<{ child: ChildProcess; ready: Ready; subject: Subject }> {
  const profile = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : []
  const path = fileURLToPath(program)
  const child = fork(path, [JSON.stringify(settings)], { execArgv: [YOUNG_GENERATION, ...profile] })
  const exited = once(child, 'exit')
  const [ready] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(`${path} ended before it was ready`))),
  ])) as [Ready]
  return {
    child,
    ready,
    subject: {
      pid: child.pid!,
      async close() {
        child.kill('SIGTERM')
        await exited
      },
    },
  }
}
