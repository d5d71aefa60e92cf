import { describe, expect, it } from 'vitest'
import type { SenderStatus } from '../../model/delivery.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Value } from '../../model/reading.ts'
import { createBoard } from '../../watch/board.ts'
import { formatBoard, formatReading } from '../../watch/format.ts'
import { tellLines } from '../../watch/lines.ts'
import { handClock } from '../gateway/collector.ts'
import { modbusPoint } from '../gateway/points.ts'

const NOW = Date.parse('2026-03-11T10:00:00Z')
const SCREEN = { columns: 120, rows: 24 }

function boardOf(...names: string[]) {
  const time = { ...handClock(), now: () => NOW }
  const points = names.map(name => modbusPoint(name))
  const board = createBoard(points, time)
  const say = (
    name: string,
    value: Value,
    at = NOW,
    quality: QualityCode = value === null ? 'bad:timeout' : 'good',
  ) => board.read({ point: `a-site/a-device/${name}`, time: at, value, quality, gatewayTime: at })
  const lines = (screen = SCREEN) => formatBoard(board, 'here', NOW, screen)
  return { board, say, lines, advance: time.advance, points }
}

describe('a board', () => {
  it('shows the worst first: bad, silent, not heard yet, and the others', () => {
    const { say, lines } = boardOf('sound', 'silent', 'broken', 'unheard')
    say('sound', 21.5)
    say('silent', 3, NOW - 60_000)
    say('broken', 4, NOW - 1000)
    say('broken', null)
    expect(lines()).toEqual([
      'here  4.0 readings/s  4 points: 1 bad, 1 silent, 1 not heard yet',
      '',
      'a-site/a-device/broken   bad:timeout                    0 s  1 of 2 bad',
      'a-site/a-device/silent   3 kW                         1 min',
      'a-site/a-device/unheard  nothing yet',
      'a-site/a-device/sound    21.5 kW                        0 s',
    ])
  })

  it('shows what is doubtful of a value beside it', () => {
    const { say, lines } = boardOf('power')
    say('power', 2, NOW, 'uncertain:clock')
    expect(lines().at(-1)).toContain('2 kW (uncertain:clock)')
  })

  it('keeps the newest, whatever comes late, and passes over points that are not watched', () => {
    const { board, say, lines } = boardOf('power')
    say('power', 2)
    say('power', 1, NOW - 500)
    board.read({ point: 'a/b/c', time: NOW, value: 1, quality: 'good', gatewayTime: NOW })
    expect(lines().at(-1)).toContain('2 kW')
    expect(board.points.get('a-site/a-device/power')!.readings).toBe(2)
  })

  it('counts the rate over the last ten seconds', () => {
    const { board, say, advance } = boardOf('power')
    for (let second = 0; second < 30; second++) {
      say('power', second, NOW + second)
      if (second >= 20) say('power', second, NOW + second)
      advance(1000)
    }
    expect(board.rate()).toBeCloseTo(2, 0)
    advance(60_000)
    expect(board.rate()).toBe(0)
  })

  it('shows senders with what waits, and connections with what is wrong', () => {
    const { board, lines } = boardOf()
    const status: SenderStatus = {
      ...{ version: 1, sender: 'gw', role: 'gateway', online: true, registry: 'x', time: NOW },
      connections: {
        line: { state: 'failed', error: 'cannot connect\x1b[2J', lastReading: NOW - 120_000 },
      },
      waiting: { indexes: 10, measures: 32 },
      outbox: {
        bytes: 5,
        maxBytes: 10,
        share: 0.5,
        streams: { measures: { bytes: 5, timeLeftMs: 3 * 86_400_000 } },
      },
    }
    board.hear(status)
    board.hear({ ...status, sender: 'rules', connections: undefined, outbox: undefined })
    expect(lines().slice(1, -1)).toEqual([
      'gw: online, 42 readings wait, outbox 50.0 % full, suffices for 3 d',
      '  line: failed: cannot connect·[2J (last reading 2 min ago)',
    ])
    board.hear({ ...status, online: false })
    expect(lines()[1]).toMatch(/^gw: offline/)
  })

  it('fits the screen, and says what does not', () => {
    const { lines } = boardOf(...Array.from({ length: 50 }, (_, i) => `point-${i}`))
    const some = lines({ columns: 30, rows: 10 })
    expect(some).toHaveLength(9)
    expect(some.at(-1)).toBe('and 44 more')
    expect(Math.max(...some.map(line => line.length))).toBe(30)
  })
})

it('where there is no screen, readings and news are told in a line each', () => {
  const point = modbusPoint('power')
  const told: string[] = []
  const { read, hear } = tellLines([point], line => told.push(line))
  const reading = { point: point.id, time: NOW, value: 2.5, quality: 'good' as const, gatewayTime: NOW }
  const status: SenderStatus = {
    ...{ version: 1, sender: 'gw', role: 'gateway', online: true, registry: 'x', time: NOW },
    connections: { line: { state: 'connected', lastReading: NOW }, other: { state: 'connecting' } },
  }
  read(reading)
  read({ ...reading, point: 'a/b/c' })
  hear(status)
  hear({
    ...status,
    connections: { ...status.connections, line: { state: 'connected', lastReading: NOW + 1 } },
  })
  hear({ ...status, connections: { ...status.connections, other: { state: 'failed', error: 'gone' } } })
  hear({ ...status, sender: 'rules', connections: undefined })
  expect(told).toEqual([
    '2026-03-11T10:00:00.000Z a-site/a-device/power 2.5 kW good',
    'gw: online',
    'gw, line: connected',
    'gw, other: connecting',
    'gw, other: failed: gone',
  ])
})

it('a reading is one line', () => {
  const point = modbusPoint('power')
  const reading = {
    point: point.id,
    time: NOW,
    value: 2.5,
    quality: 'uncertain:clock' as const,
    gatewayTime: NOW,
  }
  expect(formatReading(point, reading)).toBe(
    '2026-03-11T10:00:00.000Z a-site/a-device/power 2.5 kW uncertain:clock',
  )
  expect(formatReading(point, { ...reading, value: null, quality: 'bad:timeout' })).toBe(
    '2026-03-11T10:00:00.000Z a-site/a-device/power bad:timeout',
  )
})
