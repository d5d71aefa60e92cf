import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fitSignature, type SignatureDay } from '../../energy/signature.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'

/** Days from -5 to 25 °C with a base of 40, and 12 more for each degree below 15.5 °C. */
const days = Array.from({ length: 61 }, (_, index) => {
  const temperature = -5 + index / 2
  return { temperature, consumption: 40 + 12 * Math.max(0, 15.5 - temperature) }
})

test('the signature of days that follow one is that one', () => {
  const signature = fitSignature(days)!
  expect(signature.base).toBeCloseTo(40, 9)
  expect(signature.slope).toBeCloseTo(12, 9)
  expect(signature).toMatchObject({ balance: 15.5, days: 61, doubts: [] })
  expect(signature.rSquared).toBeCloseTo(1, 9)
  expect(signature.cvRmse).toBeCloseTo(0, 9)
})

test.each<[string, SignatureDay[], string[]]>([
  ['too few days', days.filter((_, index) => index % 3 === 0), ['few-days']],
  ['only days of heating', days.filter(({ temperature }) => temperature < 14), ['balance-not-seen']],
  [
    'no day of heating',
    days.map(day => ({ ...day, consumption: 100 + day.temperature })),
    ['no-heating', 'balance-not-seen'],
  ],
  [
    'use that has little to do with the weather',
    days.map((day, index) => ({ ...day, consumption: day.consumption + (index % 2) * 400 })),
    ['poor-fit'],
  ],
])('%s are doubted', (_, doubtful, doubts) => {
  expect(fitSignature(doubtful)!.doubts).toEqual(doubts)
})

test('nothing is fitted to hardly a day, or to what never changes', () => {
  expect(fitSignature([])).toBeUndefined()
  expect(fitSignature(days.slice(0, 3))).toBeUndefined()
  expect(fitSignature(days.map(day => ({ ...day, consumption: 7.1 })))).toBeUndefined()
  expect(fitSignature(days.map(day => ({ ...day, temperature: 7 })))).toBeUndefined()
})

describe.runIf(findPeer('scipy'))('beside SciPy', () => {
  const script = join(import.meta.dirname, '../peers/python/signature.py')

  test('the gas of a real building over a year has the same signature', () => {
    const year = recordedDays()
    expect(year.length).toBeGreaterThan(360)
    const input = JSON.stringify(year.map(({ temperature, consumption }) => [temperature, consumption]))
    const theirs = JSON.parse(execFileSync(peerProgram('scipy'), [script], { input, encoding: 'utf8' }))
    const ours = fitSignature(year)!
    // The balance is one of the grid; the rest follows from it.
    expect(Math.abs(ours.balance - theirs.balance)).toBeLessThanOrEqual(0.1)
    expect(ours.slope / theirs.slope).toBeCloseTo(1, 1.7)
    expect(ours.rSquared).toBeCloseTo(theirs.rSquared, 4)
    expect(ours.cvRmse).toBeCloseTo(theirs.cvRmse, 4)
    expect(ours.rSquared).toBeLessThanOrEqual(theirs.rSquared + 1e-9)
  })
})

describe.runIf(findPeer('eemeter'))('beside eemeter', () => {
  const script = join(import.meta.dirname, '../peers/python/caltrack.py')

  test('the gas of a real building has the signature that CalTRACK finds among the same balances', () => {
    const year = recordedDays()
    const input = JSON.stringify({
      // In tenths of °C, since eemeter takes whole balances only.
      days: year.map(({ temperature, consumption }) => [temperature * 10, consumption]),
      balances: Array.from({ length: 201 }, (_, index) => 50 + index),
    })
    const theirs = JSON.parse(execFileSync(peerProgram('eemeter'), [script], { input, encoding: 'utf8' }))
    const ours = fitSignature(year)!
    expect(ours.balance).toBe(theirs.balance / 10)
    expect(ours.base / theirs.base).toBeCloseTo(1, 8)
    expect(ours.slope / (theirs.slope * 10)).toBeCloseTo(1, 8)
    expect(ours.rSquared).toBeCloseTo(theirs.rSquared, 8)
  }, 60_000)
})

/** 2021 of the recording that the simulators use, by day of UTC. */
function recordedDays(): SignatureDay[] {
  const file = join(import.meta.dirname, '../../simulators/recordings/building-hourly.csv.gz')
  const rows = gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1)
  const byDay = Map.groupBy(
    rows.filter(row => row.startsWith('2021')),
    row => row.slice(0, 10),
  )
  return [...byDay.values()].map(hours => {
    const [gas, temperatures] = [2, 3].map(column => hours.map(hour => Number(hour.split(',')[column])))
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
    return { temperature: sum(temperatures!) / hours.length, consumption: sum(gas!) }
  })
}
