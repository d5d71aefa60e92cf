import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../../store/finding.ts'
import type { PublishedVersion } from '../published.ts'
import { HEADS_FILE, LEAVES_FILE, PUBLIC_KEY_FILE } from './files.ts'
import { isSignedBy, readHead, type SignedHead } from './head.ts'
import { fingerprintOf, readPublicKey } from './key.ts'
import { collectLeaves } from './leaves.ts'
import { readLines } from './lines.ts'
import { treeRoot } from './tree.ts'

const RESTORE =
  'put the file back from a backup: whoever has kept a head of this log will see that it was changed'

/**
 * Looks whether a log is what its heads have signed, and has the versions as they are. Heads of keys that are not there
 * any more are held against the leaves only. Changes nothing.
 */
export function checkLog(folder: string, versions: readonly PublishedVersion[]): Finding[] {
  const findings: Finding[] = []
  const [leavesFile, headsFile, keyFile] = [LEAVES_FILE, HEADS_FILE, PUBLIC_KEY_FILE].map(name =>
    join(folder, name),
  ) as [string, string, string]
  if (!existsSync(leavesFile)) return []
  const leaves: Buffer[] = []
  const heads: SignedHead[] = []
  const collected = collectLeaves()
  const read = (file: string, take: (line: Buffer) => void) => {
    if (!existsSync(file)) return
    try {
      readLines(readFileSync(file), file, take)
    } catch (error) {
      findings.push({ file, problem: (error as Error).message, advice: RESTORE })
    }
  }
  read(leavesFile, line => {
    collected.take(line)
    leaves.push(line)
  })
  read(headsFile, line => heads.push(readHead(line)))
  const publicKey = existsSync(keyFile) ? readPublicKey(readFileSync(keyFile, 'utf8')) : undefined
  const key = publicKey && fingerprintOf(publicKey)

  for (const head of heads) {
    const at = `the head of ${new Date(head.time).toISOString()}`
    if (publicKey && head.key === key && !isSignedBy(publicKey, head))
      findings.push({
        file: headsFile,
        problem: `${at} is not signed by the key of this log`,
        advice: RESTORE,
      })
    if (head.size > leaves.length) {
      const problem = `it has ${leaves.length} leaves, and ${at} has signed ${head.size}`
      findings.push({ file: leavesFile, problem, advice: RESTORE })
    } else if (!treeRoot(collected.hashAt, head.size).equals(head.root)) {
      const problem = `${at} has signed other leaves: one of the first ${head.size} was changed`
      findings.push({ file: leavesFile, problem, advice: RESTORE })
    }
  }
  for (const { version, text } of versions) {
    const index = collected.find(version.dataset, version.version)
    if (index !== undefined && leaves[index]!.equals(Buffer.from(text))) continue
    const name = `version ${version.version} of ${version.dataset}`
    findings.push(
      index === undefined
        ? {
            file: leavesFile,
            problem: `${name} is not in it`,
            advice: 'none is needed: the next start adds it',
          }
        : {
            file: leavesFile,
            problem: `${name} is another one than that which is published`,
            advice: RESTORE,
          },
    )
  }
  return findings
}
