import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'

const HOUR = 3_600_000
const program = fileURLToPath(new URL('./fixtures/write-for-ever.ts', import.meta.url))

test('a killed process has lost nothing that it was told is kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-kill-'))
  const file = join(folder, 'readings.duckdb')
  let kept = 0
  try {
    for (const enough of [3, 17, 40]) {
      const child = spawn(process.execPath, [program, file, String(kept + 1)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      const stopAt = kept + enough
      for await (const line of createInterface(child.stdout)) {
        kept = Number(line)
        if (kept >= stopAt) child.kill('SIGKILL')
      }
      await ended
      expect(kept).toBeGreaterThanOrEqual(stopAt)

      const log = pino({ level: 'silent' })
      const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
      const [position] = await store.positions()
      // The batch under way may have been kept without being reported: whole, with its position.
      const batches = position!.upTo
      expect(batches).toBeGreaterThanOrEqual(kept)
      expect(batches).toBeLessThanOrEqual(kept + 1)
      for (const [point, count] of [
        ['site/device/p0', 4],
        ['site/device/p1', 3],
        ['site/device/p2', 3],
      ] as const) {
        expect(await store.range(point, 0, 1e15)).toHaveLength(batches * count)
        const hours = await store.aggregate(point, 'hour', 0, (batches + 1) * HOUR)
        expect(hours.map(hour => hour.count)).toEqual(Array(batches).fill(count))
        expect(hours.map(hour => hour.mean)).toEqual(Array.from({ length: batches }, (_, i) => i + 1))
      }
      await store.close()
      kept = batches
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
