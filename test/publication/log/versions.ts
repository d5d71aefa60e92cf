import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { openProofLog, type ProofLog } from '../../../publication/log/log.ts'
import { silentLog } from '../../bus/fixtures.ts'

export const ORIGIN = 'donnees.brenne.example/open-data/log'
export const TIME = Date.UTC(2026, 10, 28, 7)

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** The description of a version, whose file is of the text. */
export function leaf(version: number, text = `file ${version}`, dataset = 'fluides'): Buffer {
  const files = [{ name: `${dataset}.csv`, bytes: Buffer.byteLength(text), sha256: sha256(text) }]
  return Buffer.from(JSON.stringify({ dataset, version, publishedAt: '2026-11-28T07:00:00.000Z', files }))
}

/** Closed after the test. */
export function openLog(folder: string, { now = TIME, origin = ORIGIN, log = silentLog } = {}): ProofLog {
  const clock = { now: () => now, elapsed: () => 0 }
  const opened = openProofLog({ folder, origin: () => origin, clock, log })
  onTestFinished(() => opened.close())
  return opened
}
