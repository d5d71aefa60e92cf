import { unlinkSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { openSegmentChain } from '../../bus/segment-chain.ts'
import { segmentFile } from '../../bus/segments.ts'
import type { Reading } from '../../model/reading.ts'
import { readings, silentLog, temporaryFolder } from './fixtures.ts'

it('a segment that is being read is decoded once, however many are filled meanwhile', () => {
  const folder = temporaryFolder()
  const chain = openSegmentChain<Reading>(folder, { log: silentLog, syncIntervalMs: 1000 })
  onTestFinished(() => chain.close())
  const fill = (first: number) => {
    chain.begin(first)
    chain.append(first, readings(first, 1))
  }
  fill(1)
  fill(2)
  const spans = chain.spansOf(1)
  unlinkSync(segmentFile(folder, 1))
  for (let first = 3; first < 10; first++) {
    fill(first)
    expect(chain.spansOf(1)).toBe(spans)
  }
})
