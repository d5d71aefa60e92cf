import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Keeps some objects alive and lets ten times as many grow old; prints how large the heap became over what is alive. */
const CHURN = `
const kept = Array.from({ length: 300_000 }, (_, i) => ({ i, text: 'point ' + i }))
const ring = Array(50_000)
let peak = 0
for (let i = 0; i < 3_000_000; i++) {
  ring[i % ring.length] = { i, text: 'reading ' + i }
  if (i % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed)
}
globalThis.gc()
console.log(peak / process.memoryUsage().heapUsed, kept.length)
`

async function growth(before: string): Promise<number> {
  const code = `${before}\n${CHURN}`
  const flags = ['--expose-gc', '--max-semi-space-size=4', '--input-type=module', '--eval', code]
  const { stdout } = await promisify(execFile)(process.execPath, flags)
  return Number(stdout.split(' ')[0])
}

it('the heap of a gateway grows less far beyond what is alive', async () => {
  const module = new URL('../../gateway/heap.ts', import.meta.url).href
  const small = await growth(`(await import('${module}')).keepHeapSmall()`)
  expect(small).toBeLessThan(0.7 * (await growth('')))
})
