import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Finding } from '../store/finding.ts'
import { checkLog } from './log/check.ts'
import { hashObjects, OBJECTS, objectPath, WORK_FOLDER } from './objects.ts'
import { foldersIn, openPublished, type Published, type PublishedVersion } from './published.ts'

export interface CheckOptions {
  /** Of the publication; of a hub that does not run, or in a backup. */
  folder: string
  /** Whether the checksum of each file of each version is computed anew, not only those of their parts. */
  full: boolean
  onProgress(step: string): void
  signal: AbortSignal
}

const RESTORE = 'restore a backup (affluent restore): what was published cannot be made again as it was'

/**
 * Looks whether what was published is what it was: that each object has the bytes of its name, that no version that is
 * told lacks one, and that the log is what it has signed. Changes nothing.
 */
export async function checkPublication(options: CheckOptions): Promise<Finding[]> {
  const { folder, onProgress } = options
  if (!existsSync(folder)) return []
  const published = openPublished(folder)
  const { versions, unread } = readVersions(folder, published)
  onProgress('Checking the published files')
  const findings = await checkObjects(options)
  onProgress('Checking the published versions')
  findings.push(...unread, ...(await checkVersions(options, published, versions)))
  onProgress('Checking the log of what was published')
  findings.push(...checkLog(join(folder, LOG_FOLDER), versions))
  return findings
}

async function checkObjects({ folder, signal }: CheckOptions): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const above of foldersIn(join(folder, OBJECTS)))
    for (const name of readdirSync(join(folder, OBJECTS, above)).sort()) {
      signal.throwIfAborted()
      const file = join(folder, OBJECTS, above, name)
      if ((await sha256Of(file)) !== name)
        findings.push({ file, problem: 'its bytes are not those that were published', advice: RESTORE })
    }
  return findings
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

const LOG_FOLDER = 'log'
/** What stands beside the datasets. */
const OTHERS = [OBJECTS, WORK_FOLDER, LOG_FOLDER, 'own']

function readVersions(folder: string, published: Published) {
  const versions: PublishedVersion[] = []
  const unread: Finding[] = []
  for (const dataset of foldersIn(folder).filter(name => !OTHERS.includes(name))) {
    try {
      versions.push(...published.versions(dataset))
    } catch (error) {
      const problem = `damaged: ${(error as Error).message}`
      unread.push({ file: join(folder, dataset), problem, advice: RESTORE })
    }
  }
  return { versions, unread }
}

async function checkVersions(
  { folder, full, signal }: CheckOptions,
  published: Published,
  versions: readonly PublishedVersion[],
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { version, withdrawn } of versions) {
    signal.throwIfAborted()
    if (withdrawn) continue
    const file = join(folder, version.dataset, String(version.version))
    const found = (problem: string) => findings.push({ file, problem, advice: RESTORE })
    try {
      const { objects, parts, figures } = published.makeup(version)
      const needed = [...Object.values(objects).flat(), ...parts.flatMap(part => Object.values(part.objects))]
      const lacking = [...needed, ...(figures ? [figures] : [])].filter(
        ({ sha256 }) => !existsSync(objectPath(folder, sha256)),
      )
      if (lacking.length > 0) found(`${lacking.length} of its files or their parts are missing`)
      else if (full)
        for (const { name, sha256 } of version.files)
          if ((await hashObjects(folder, objects[name] ?? [])).sha256 !== sha256)
            found(`${name} is not the one that its checksum is of`)
    } catch (error) {
      found(`damaged: ${(error as Error).message}`)
    }
  }
  return findings
}
