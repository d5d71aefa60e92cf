import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { openSegmentChain } from '../../bus/segment-chain.ts'
import { segmentFile } from '../../bus/segments.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, readings, silentLog, temporaryFolder } from './fixtures.ts'

/** More than are held in memory for who follows. */
const MANY = 25_000

function openChain() {
  const folder = temporaryFolder()
  const chain = openSegmentChain<Reading>(folder, { log: silentLog, syncIntervalMs: 1000 })
  onTestFinished(() => chain.close())
  return { folder, chain }
}

it('a segment that is being read is decoded once, however many are filled meanwhile', () => {
  const { folder, chain } = openChain()
  const fill = (first: number, count: number) => {
    chain.begin(first)
    for (let each = first; each < first + count; each++) chain.append(each, [reading(each)])
  }
  fill(1, 1)
  fill(2, MANY)
  fill(2 + MANY, 1)
  const spans = chain.spansOf(1)
  unlinkSync(segmentFile(folder, 1))
  for (let first = MANY + 3; first < MANY + 10; first++) {
    fill(first, 1)
    expect(chain.spansOf(1)).toBe(spans)
  }
})

it('what was appended last is there without its file, and what lies further back is read from it', () => {
  const { folder, chain } = openChain()
  chain.begin(1)
  for (let first = 1; first <= MANY; first += 100) chain.append(first, readings(first, 100))
  const file = segmentFile(folder, 1)
  const content = readFileSync(file)
  writeFileSync(file, '')
  const newest = chain.spansOf(1, MANY - 500)
  expect(newest.flatMap(({ entries }) => entries).slice(-500)).toEqual(readings(MANY - 499, 500))
  writeFileSync(file, content)
  expect(chain.spansOf(1).flatMap(({ entries }) => entries)).toEqual(readings(1, MANY))
})

it('who follows finds in memory what was appended since', () => {
  const { folder, chain } = openChain()
  chain.begin(1)
  chain.append(1, readings(1, 100))
  chain.spansOf(1, 100)
  for (let first = 101; first <= 15_000; first += 100) chain.append(first, readings(first, 100))
  unlinkSync(segmentFile(folder, 1))
  const spans = chain.spansOf(1, 101)
  expect(spans.find(({ first }) => first === 101)?.entries).toEqual(readings(101, 100))
})

it('a segment that is read while it is written to is read again behind what was known of it', () => {
  const { chain } = openChain()
  chain.begin(1)
  const append = (from: number, to: number) => {
    for (let first = from; first < to; first += 100) chain.append(first, readings(first, 100))
  }
  append(1, MANY)
  expect(chain.spansOf(1, 1).at(-1)!.last).toBe(MANY)
  append(MANY + 1, 3 * MANY)
  const spans = chain.spansOf(1, MANY + 1)
  expect(spans.find(({ first }) => first === MANY + 1)?.entries).toEqual(readings(MANY + 1, 100))
})
