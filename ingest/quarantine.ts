import { isUtf8 } from 'node:buffer'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../model/clock.ts'

/** What could not be stored, or will never come, with all that is needed to look into it. */
export interface QuarantineItem {
  /**
   * `malformed`: a payload of which nothing could be used; `rejected`: an entry that is not sound;
   * `conflict`: something else is stored under its point and time; `refused`: the store failed on it;
   * `gap`: numbers that the sender has lost.
   */
  kind: 'malformed' | 'rejected' | 'conflict' | 'refused' | 'gap'
  reason: string
  sender: string
  topic?: string
  stream?: string
  run?: string
  /** The numbers that it accounts for. */
  first?: number
  last?: number
  /** The entry, the gap, or the payload: its text, or `{ base64 }` where it is not text. */
  payload: unknown
}

export interface Quarantine {
  /** Resolves when the items are on the disk. */
  append(items: readonly QuarantineItem[]): Promise<void>
}

/** Keeps items in one file a day (UTC), `<folder>/<date>.jsonl`, one JSON object with its `time` a line. */
export async function openQuarantine(options: { folder: string; clock: Clock }): Promise<Quarantine> {
  const { folder, clock } = options
  await mkdir(folder, { recursive: true })
  return {
    async append(items) {
      if (items.length === 0) return
      const time = new Date(clock.now()).toISOString()
      const lines = items.map(item => `${JSON.stringify({ time, ...item })}\n`).join('')
      const file = await open(join(folder, `${time.slice(0, 10)}.jsonl`), 'a+')
      try {
        const { size } = await file.stat()
        const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
        // A crash may have left half a line, which must not swallow the next one.
        const whole = size === 0 || buffer.toString() === '\n'
        await file.appendFile(whole ? lines : `\n${lines}`)
        await file.sync()
      } finally {
        await file.close()
      }
    },
  }
}

/** A payload as a quarantine keeps it. */
export function payloadText(payload: Buffer): string | { base64: string } {
  return isUtf8(payload) ? payload.toString() : { base64: payload.toString('base64') }
}
