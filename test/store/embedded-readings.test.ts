import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { readingStoreContract } from '../contract/reading-store.ts'

const log = pino({ level: 'silent' })

for (const [name, refreshIntervalMs] of [
  ['embedded, rolled up later', 1e9],
  ['embedded, rolled up at once', 1],
] as const) {
  readingStoreContract(name, {
    async site() {
      const folder = await mkdtemp(join(tmpdir(), 'affluent-readings-'))
      const file = join(folder, 'readings.duckdb')
      return {
        open: timeZone => openEmbeddedReadingStore({ file, timeZone, log, refreshIntervalMs }),
        close: () => rm(folder, { recursive: true }),
      }
    },
    async start() {},
    async close() {},
  })
}
