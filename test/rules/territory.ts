import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import pino from 'pino'
import { vi } from 'vitest'
import type { Clock } from '../../model/clock.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import { loadRegistry } from '../../registry/load.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Aggregate, ReadingStore } from '../../store/readings.ts'
import { joinParts } from '../../store/rollup.ts'
import { device, oneLine, registerPoint, site, TERRITORY } from '../registry/yaml.ts'

/** 2026-11-22 04:00 in Paris. */
export const START = Date.UTC(2026, 10, 22, 3)
export const S = 1000
export const MIN = 60 * S
export const H = 60 * MIN

/** The road surface, read every minute, and the air above it. */
export const SURFACE = 'col-du-loup/station/surface'
export const AIR = 'col-du-loup/station/air'

const STATION = `
sites:
${site('col-du-loup', { name: 'Col du Loup', kind: 'road-station' })}${oneLine([
  device('station', 'col-du-loup', {
    surface: registerPoint('surface-temperature', 'Cel', 0),
    air: registerPoint('air-temperature', 'Cel', 2),
  }),
])}`

export const FROST = `{ id: frost, name: { fr: Gel, en: Frost }, select: { points: [${SURFACE}] },
  condition: { type: threshold, below: 0, hysteresis: 0.5 }, onDelay: 3min, offDelay: 5min, maxAge: 10min,
  severity: critical }`
export const SILENCE = `{ id: silence, name: { fr: Silence, en: Silence }, select: { points: [${SURFACE}] },
  condition: { type: absence, after: 30min }, severity: warning }`

/** A territory of one road station with rules and channels, each in YAML flow style. */
/** @param onCall YAML that goes on with the territory (`  alerting:`), and then with people, teams, rotas and routes */
export function testRegistry(rules: string[], channels: string[] = [], onCall = ''): Promise<Registry> {
  return loadTerritory(onCall + STATION, rules, channels)
}

/** A territory whose sites and gateways are given in YAML, with rules and channels in flow style. */
export async function loadTerritory(
  sitesAndGateways: string,
  rules: string[],
  channels: string[] = [],
): Promise<Registry> {
  const folder = await temporaryFolder()
  const list = (name: string, items: string[]) =>
    items.length > 0
      ? `${name}:\n${items.map(item => `  - ${item.replaceAll('\n', '\n    ')}\n`).join('')}`
      : ''
  const file = join(folder.path, 'territory.yaml')
  await writeFile(file, TERRITORY + sitesAndGateways + list('rules', rules) + list('channels', channels))
  try {
    return await loadRegistry(file)
  } finally {
    await folder.remove()
  }
}

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'affluent-rules-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A clock that stands still until it is moved. */
export function testClock(now = START): Clock & { advance(ms: number): void } {
  let passed = 0
  return {
    now: () => now + passed,
    elapsed: () => 5000 + passed,
    advance(ms) {
      passed += ms
    },
  }
}

/**
 * A civil clock that stands still until it is moved, beside a monotonic one that runs: the bus measures its
 * pauses with it.
 */
export function runningClock() {
  const clock = testClock()
  let asked = 0
  return {
    now() {
      asked += 1
      return clock.now()
    },
    elapsed: () => clock.elapsed() + performance.now(),
    advance: clock.advance,
    /** How often it was asked for the civil time: once a tick of the rules, at least. */
    get asked() {
      return asked
    },
  }
}

export function reading(point: string, time: number, value: Value, quality: QualityCode = 'good'): Reading {
  return { point, time, value, quality, gatewayTime: time }
}

export function bad(point: string, time: number): Reading {
  return reading(point, time, null, 'bad:timeout')
}

/** What the rules ask of a reading store, in memory. */
export function memoryReadings(stored: Reading[]): ReadingStore {
  const of = (point: string) => stored.filter(each => each.point === point).sort((a, b) => a.time - b.time)
  const unused = () => Promise.reject(new Error('the rules do not ask for this'))
  return {
    latest: async points => points.flatMap(point => of(point).slice(-1)),
    range: async (point, from, to, limit) =>
      of(point)
        .filter(({ time }) => from <= time && time < to)
        .slice(0, limit),
    aggregate: async (point, _by, from, to) =>
      hoursOf(of(point).filter(({ time }) => from <= time && time < to)),
    write: unused,
    positions: unused,
    series: unused,
    ledger: unused,
    close: async () => {},
  }
}

function hoursOf(readings: readonly Reading[]): Aggregate[] {
  const parts = readings.map(({ time, value }) => {
    const isNumber = typeof value === 'number'
    const said = isNumber ? value : null
    const one = Number(isNumber)
    const statistics = { sum: said, min: said, max: said, first: said, last: said }
    return { start: time, count: 1, valid: one, numbers: one, ...statistics }
  })
  return joinParts(parts, time => ({ start: Math.floor(time / H) * H, end: (Math.floor(time / H) + 1) * H }))
}

/** A log that keeps what was said, parsed. */
export function memoryLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  return {
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    lines,
  }
}

/** Waits for a condition, not for a time. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { interval: 5, timeout: 20_000 })
}
