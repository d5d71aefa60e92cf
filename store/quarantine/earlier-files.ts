import { createReadStream, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Quarantine, QuarantineItem } from '../quarantine.ts'

/** Takes over what an earlier version kept in one file of JSON lines a day, `<folder>/<date>.jsonl`. */
export async function takeEarlierFiles(folder: string, quarantine: Quarantine): Promise<void> {
  for (const name of readdirSync(folder)
    .filter(name => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name))
    .sort()) {
    const file = join(folder, name)
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const item = itemOf(line)
      if (item) await quarantine.append([item])
    }
    // Another process may have done the same meanwhile: each item was kept once.
    rmSync(file, { force: true })
  }
}

/** Undefined for a line that a crash has torn. */
function itemOf(line: string): QuarantineItem | undefined {
  try {
    const { time, ...item } = JSON.parse(line)
    const { kind, first, last } = item
    const counted = first === undefined || kind === 'gap' ? undefined : last - first + 1
    return { ...item, time: Date.parse(time), ...(counted && { counted }) }
  } catch {
    return undefined
  }
}
