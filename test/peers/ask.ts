import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type PeerName, peerProgram } from './cache.ts'

/** Runs a script of python/ in a peer's environment: it reads one question and prints one answer, both JSON. */
export function askPython<Answer>(
  peer: PeerName,
  [script, ...args]: readonly [string, ...string[]],
  question: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      peerProgram(peer),
      [join(import.meta.dirname, 'python', script), ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${script}: ${error.message}\n${stderr.slice(-4000)}`))
        else resolve(JSON.parse(stdout))
      },
    )
    child.stdin!.end(JSON.stringify(question))
  })
}
