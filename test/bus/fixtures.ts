import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }

const START = Date.UTC(2026, 10, 22)

/** The reading that a test appends as its nth: point, time and value tell which it is. */
export function reading(n: number): Reading {
  const time = START + n * 1000
  return { point: `college/meter-${n % 7}/index`, time, value: n, quality: 'good', gatewayTime: time + 20 }
}

export function readings(from: number, count: number): Reading[] {
  return Array.from({ length: count }, (_, i) => reading(from + i))
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A log that keeps its lines. */
export function recordingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { log: pino({ level: 'debug' }, sink), lines }
}

export const silentLog: Logger = pino({ level: 'silent' })
