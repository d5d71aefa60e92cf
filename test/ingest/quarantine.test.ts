import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openQuarantine, payloadText } from '../../ingest/quarantine.ts'
import { temporaryFolder } from '../bus/fixtures.ts'

const item = {
  kind: 'rejected',
  reason: 'value is missing',
  sender: 'gateway',
  payload: { value: null },
} as const

it('keeps items in one file a day, one a line', async () => {
  const folder = join(temporaryFolder(), 'quarantine')
  let now = Date.UTC(2026, 10, 22, 23, 59)
  const quarantine = await openQuarantine({ folder, clock: { now: () => now, elapsed: () => 0 } })
  await quarantine.append([item, { ...item, first: 3, last: 3 }])
  await quarantine.append([])
  now = Date.UTC(2026, 10, 23)
  await quarantine.append([item])
  expect(readdirSync(folder)).toEqual(['2026-11-22.jsonl', '2026-11-23.jsonl'])
  const lines = readFileSync(join(folder, '2026-11-22.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([
    { time: '2026-11-22T23:59:00.000Z', ...item },
    { time: '2026-11-22T23:59:00.000Z', ...item, first: 3, last: 3 },
  ])
})

it('goes on behind a line that a crash has torn', async () => {
  const folder = temporaryFolder()
  const quarantine = await openQuarantine({ folder, clock: { now: () => 0, elapsed: () => 0 } })
  await quarantine.append([item])
  const file = join(folder, '1970-01-01.jsonl')
  appendFileSync(file, '{"time":"19')
  await quarantine.append([item])
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(3)
  expect(JSON.parse(lines[2]!)).toMatchObject(item)
})

it('keeps bytes that are no text', () => {
  expect(payloadText(Buffer.from('été'))).toBe('été')
  expect(payloadText(Buffer.from([0xff, 0]))).toEqual({ base64: '/wA=' })
})
