import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { factOf, type WinterEntry } from '../model/winter-service.ts'
import type { Finding } from '../store/finding.ts'
import { photoPath, readPhoto } from '../store/photos.ts'
import { WINTER } from '../store/records/kept-under.ts'

const RESTORE = 'put the file of a backup back (photos/ in it); keep what stands there, if anything does'

/**
 * Holds the photos of a folder against the hashes that the entries of the winter service vouch for.
 * @param records of the same folder
 */
export function checkPhotos(folder: string, records: DatabaseSync): Finding[] {
  const photos = join(folder, 'photos')
  return namedIn(records).flatMap(({ entry, hash }) => {
    if (readPhoto(photos, hash)) return []
    const file = photoPath(photos, hash)
    const fault = existsSync(file) ? 'is not what was sealed' : 'is missing'
    const problem = `the photo of the winter-service entry ${entry} ${fault}`
    return [{ file, problem, advice: RESTORE }]
  })
}

/** Each photo once, by the first entry that names it. */
function namedIn(records: DatabaseSync): { entry: string; hash: string }[] {
  const rows = records.prepare('SELECT event FROM alert_event WHERE sender = ? ORDER BY position')
  const named = new Map<string, string>()
  for (const { event } of rows.iterate(WINTER)) {
    const entry = JSON.parse(event as string) as WinterEntry
    const fact = factOf(entry)
    const hashes = fact?.kind === 'treatment' ? (fact.photos ?? []) : []
    for (const hash of hashes) if (!named.has(hash)) named.set(hash, entry.id)
  }
  return [...named].map(([hash, entry]) => ({ entry, hash }))
}
