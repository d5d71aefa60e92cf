import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeCause, likelyCause } from '../../../gateway/commission/causes.ts'
import { hurried } from '../../../gateway/commission/hurried.ts'
import { type CheckName, judge, type PointReport } from '../../../gateway/commission/judge.ts'
import { createObserver } from '../../../gateway/commission/observe.ts'
import { formatReportCsv, formatSummary, remarksOf, verdictOf } from '../../../gateway/commission/report.ts'
import { formatReportHtml } from '../../../gateway/commission/report-html.ts'
import { parseShown } from '../../../gateway/display.ts'
import type { QualityCode } from '../../../model/quality.ts'
import type { Value } from '../../../model/reading.ts'
import type { Point, Registry } from '../../../registry/registry.ts'
import { httpPoint, modbusPoint, mqttPoint, opcuaPoint } from '../points.ts'

const FROM = Date.parse('2026-03-11T10:00:00Z')
const SECOND = 1000

/** What points say, one value a time, every ten seconds; a text is the quality of a bad reading. */
function judged(said: [Point, (Value | QualityCode)[]][], shows: Record<string, string> = {}): PointReport[] {
  const observer = createObserver(said.map(([point]) => point))
  for (const [point, values] of said) {
    for (const [i, value] of values.entries()) {
      const time = FROM + i * 10 * SECOND
      const isFault = typeof value === 'string' && value.startsWith('bad')
      const quality = isFault ? (value as QualityCode) : 'good'
      observer.read({ point: point.id, time, value: isFault ? null : value, quality, gatewayTime: time })
    }
  }
  const shown = Object.entries(shows).map(
    ([name, text]) => [`a-site/a-device/${name}`, parseShown(text)] as const,
  )
  return judge(observer.observations, new Map(shown))
}

function checkOf(check: CheckName, ...args: Parameters<typeof judged>) {
  const { verdict, words } = judged(...args)[0]!.checks[check]
  return `${verdict}${words ? `: ${words.en}` : ''}`
}

const power = modbusPoint('power')
const index = { ...modbusPoint('index', {}, { quantity: 'electricity-index' }), unit: 'kW.h' } as Point

describe('a point is', () => {
  it('reachable when it answers, always or at times', () => {
    expect(checkOf('reachable', [[power, [1, 2]]])).toBe('pass')
    expect(checkOf('reachable', [[power, []]])).toBe('fail: nothing was received')
    expect(checkOf('reachable', [[power, ['bad:timeout', 'bad:timeout']]])).toMatch(
      /^fail: no answer: unit number, .* \(unit 1, holding 0\)$/,
    )
    expect(checkOf('reachable', [[power, [1, 'bad:exception', 2, 3]]])).toMatch(
      /^warn: 1\/4 readings failed: refused/,
    )
    expect(checkOf('reachable', [[power, ['bad:out-of-range']]])).toBe('pass')
    expect(checkOf('reachable', [[opcuaPoint('node', 'ns=1;s=a'), ['bad:exception']]])).toMatch(
      /^fail: refused by the server: there is no such node.*probe opcua/,
    )
    expect(checkOf('reachable', [[httpPoint('air', {}), ['bad:timeout']]])).toMatch(
      /^fail: no answer in time, or nothing new/,
    )
  })

  it('plausible within what the registry, or nature, allows', () => {
    const room = {
      ...modbusPoint('room', {}, { quantity: 'indoor-temperature', min: -20 }),
      unit: 'Cel',
    } as Point
    expect(checkOf('plausible', [[room, [20, 21]]])).toBe('pass')
    expect(checkOf('plausible', [[room, [20, 215]]])).toBe('fail: not believable, expected -10 … 50 °C')
    expect(checkOf('plausible', [[room, ['bad:out-of-range']]])).toBe(
      'fail: outside of the limits -20 … ∞ °C',
    )
    expect(checkOf('plausible', [[power, ['bad:timeout']]])).toBe('none')
  })

  it('moving, and an index never falls', () => {
    expect(checkOf('moving', [[power, [1, 1, 2]]])).toBe('pass')
    expect(checkOf('moving', [[power, [2, 2, 2]]])).toMatch(/^warn: did not move/)
    expect(checkOf('moving', [[index, [5, 4, 6]]])).toMatch(/^fail: the index falls/)
    expect(checkOf('moving', [[modbusPoint('door', {}, { quantity: 'fault' }), [true, true]]])).toBe('none')
  })

  it('of the right time when its own clock is', () => {
    const node = opcuaPoint('node', 'ns=1;s=a')
    const observer = createObserver([node])
    const say = (quality: QualityCode, aheadMs = 0) =>
      observer.read({ point: node.id, time: FROM + aheadMs, value: 1, quality, gatewayTime: FROM })
    const time = () => {
      const { verdict, words } = judge(observer.observations, new Map())[0]!.checks.time
      return [verdict, words?.en]
    }
    say('good')
    expect(time()).toEqual(['pass', undefined])
    say('uncertain:clock', 25 * 60 * SECOND)
    expect(time()).toEqual(['fail', 'the clock of the device is 25 min ahead: set it (NTP)'])
    say('uncertain:clock', -3601 * SECOND)
    expect(time()).toEqual([
      'fail',
      'the clock of the device is 60 min behind: local time taken for UTC, or UTC for it (timeZone)?',
    ])
    expect(checkOf('time', [[power, [1]]])).toBe('none')
    expect(checkOf('time', [[httpPoint('air', {}), [1]]])).toBe('none')
    expect(checkOf('time', [[httpPoint('air', { time: '/at' }), [1]]])).toBe('pass')
    expect(checkOf('time', [[mqttPoint('air', {}), [1]]])).toBe('none')
  })
})

describe('the display', () => {
  it.each([
    ['12345.6', 'pass: 12345.6 is shown'],
    ['12345,7', 'pass: 12345.7 is shown'],
    [
      '1234.56',
      'fail: 12345.9 was read, 1234.56 is shown: 10 times too large: check the scale and the unit of the point',
    ],
    [
      '12345600',
      'fail: 12345.9 was read, 12345600 is shown: 1000 times too small: check the scale and the unit of the point',
    ],
    [
      '493836',
      'fail: 12345.9 was read, 493836 is shown: 40 times too small: most likely the ratio of the current transformers (200/5 or 40/1), left out or counted twice',
    ],
    [
      '-12345.9',
      'fail: 12345.9 was read, -12345.9 is shown: the sign is reversed (direction of the current transformers, or of the meter)',
    ],
    ['777', 'fail: 12345.9 was read, 777 is shown: another register, order or type'],
  ])('shows %s: %s', (text, expected) => {
    expect(checkOf('display', [[index, [12345.6, 12345.8, 12345.9]]], { index: text })).toBe(expected)
  })

  it('is compared with something, or says that it was not', () => {
    expect(checkOf('display', [[index, ['bad:timeout']]], { index: '12' })).toBe(
      'fail: 12 is shown, no value was read',
    )
    expect(checkOf('display', [[index, [12]]])).toBe('none')
  })

  it('in French with the decimal comma', () => {
    const [{ checks }] = judged([[index, [12345.9]]], { index: '3429.4' }) as [PointReport]
    expect(checks.display.words!.fr).toBe(
      'lu 12345,9, affiché 3429,4 : 3,6 fois trop grand : MJ pris pour des kWh, ou l’inverse',
    )
    const hot = { ...power, min: -0.5 }
    const [{ checks: limits }] = judged([[hot, ['bad:out-of-range']]]) as [PointReport]
    expect(limits.plausible.words!.fr).toBe('hors des limites -0,5 … ∞ kW')
  })

  it('names the factor whatever it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0.001, 0.01, 0.1, 10, 100, 1000),
        fc.boolean(),
        fc.double({ min: 0.995, max: 1.005, noNaN: true }),
        (factor, isReversed, error) => {
          const cause = likelyCause((isReversed ? -1 : 1) * factor * error, 0.01)
          expect(cause).toMatchObject({ factor: expect.closeTo(factor, 9), isReversed, kind: 'scale' })
          expect(describeCause(cause!).fr).toMatch(/^\d+ fois trop (grand|petit) : /)
        },
      ),
    )
    // 12 is the ratio of 60/5, and nearer; but a slip of the decimal point is likelier.
    expect(likelyCause(11.2, 0.15)).toMatchObject({ kind: 'scale', factor: 10 })
    expect(likelyCause(1.005, 0.01)).toBeUndefined()
    expect(likelyCause(7.3, 0.01)).toBeUndefined()
    expect(likelyCause(3.6, 0.01)).toMatchObject({ kind: 'joule' })
  })
})

describe('the rise of an index and the integral of the power', () => {
  // 36 kW are 0.1 kWh in ten seconds.
  const powers = Array(61).fill(36)
  const rising = (step: number) => Array.from({ length: 61 }, (_, i) => 1000 + i * step)

  it('agree', () => {
    expect(
      checkOf('energy', [
        [index, rising(0.1)],
        [power, powers],
      ]),
    ).toBe('pass')
    const inWatts = { ...power, unit: 'W' } as Point
    expect(
      checkOf('energy', [
        [index, rising(0.1)],
        [inWatts, powers.map(value => value * 1000)],
      ]),
    ).toBe('pass')
    const whole = rising(0.1).map(Math.floor)
    expect(
      checkOf('energy', [
        [index, whole],
        [power, powers],
      ]),
    ).toBe('pass')
  })

  it.each([
    [1, '10 times too large: check the scale and the unit of the point'],
    [0.0001, '1000 times too small: check the scale and the unit of the point'],
    [
      0.1 / 30,
      '30 times too small: most likely the ratio of the current transformers (150/5 or 30/1), left out or counted twice',
    ],
  ])('differ, a step of %s: %s', (step, cause) => {
    const rise = Number((step * 60).toPrecision(4))
    expect(
      checkOf('energy', [
        [index, rising(step)],
        [power, powers],
      ]),
    ).toBe(`fail: the index rose by ${rise} kWh, "Active power" makes it 6 kWh; the index: ${cause}`)
  })

  it('are of the time for which both are known', () => {
    const [before, during] = [Array(20).fill('bad:timeout'), rising(0.1).slice(0, 21)]
    const uneven = [...Array(20).fill(720), ...Array(21).fill(36), ...Array(20).fill(720)]
    expect(
      checkOf('energy', [
        [index, [...before, ...during]],
        [power, uneven],
      ]),
    ).toBe('pass')
  })

  it('have opposite signs', () => {
    expect(
      checkOf('energy', [
        [index, rising(0.1)],
        [power, powers.map(value => -value)],
      ]),
    ).toMatch(/; the index is the sign is reversed|the sign is reversed/)
  })

  it('are not compared where too little was used, or where it is not known which belongs to which', () => {
    const few = rising(0).map((value, i) => value + (i > 30 ? 1 : 0))
    expect(
      checkOf('energy', [
        [index, few],
        [power, powers.map(() => 3)],
      ]),
    ).toMatch(/^none: .* too little to compare/)
    const another = { ...power, id: 'a-site/a-device/another' }
    expect(
      checkOf('energy', [
        [index, rising(1)],
        [power, powers],
        [another, powers],
      ]),
    ).toBe('none')
    const elsewhere = { ...power, device: 'another' }
    expect(
      checkOf('energy', [
        [index, rising(1)],
        [elsewhere, powers],
      ]),
    ).toBe('none')
  })
})

it('points are read often while somebody waits, and as often as they are anyway', () => {
  const points = [
    modbusPoint('slow', {}, { interval: 600_000 }),
    modbusPoint('quick', {}, { interval: 1000 }),
  ]
  const registry = { points: new Map(points.map(point => [point.id, point])) } as unknown as Registry
  const intervals = [...hurried(registry, 10_000).points.values()].map(({ interval }) => interval)
  expect(intervals).toEqual([10_000, 1000])
})

it('who speaks when it likes is not hurried: it would only be taken for silent', () => {
  const hourly = { interval: 3_600_000 }
  const points = [
    mqttPoint('a', {}, hourly),
    httpPoint('b', { time: '/at' }, hourly),
    httpPoint('c', {}, hourly),
  ]
  const registry = { points: new Map(points.map(point => [point.id, point])) } as unknown as Registry
  const intervals = [...hurried(registry, 10_000).points.values()].map(({ interval }) => interval)
  expect(intervals).toEqual([3_600_000, 3_600_000, 10_000])
})

describe('the report', () => {
  const reports = judged([
    [{ ...index, label: { fr: 'Énergie <totale>', en: 'Total' } }, [1.5, 2.5]],
    [power, ['bad:timeout']],
  ])

  it('counts, and has one row a point', () => {
    expect(reports.map(verdictOf)).toEqual(['pass', 'fail'])
    expect(formatSummary(reports, 'fr')).toBe('2 points : 1 en défaut, 0 à voir, 1 conformes.')
    expect(remarksOf(reports[1]!, 'en')).toEqual([expect.stringMatching(/^reachable: no answer/)])
    const [head, first, second] = formatReportCsv(reports, 'fr').split('\r\n')
    expect(head).toMatch(/^\uFEFFPoint;Libellé;Valeur;;Heure;joignable;/)
    expect(first).toMatch(
      /^a-site\/a-device\/index;Énergie <totale>;2,5;kWh;2026-03-11T10:00:10\.000Z;conforme;conforme;conforme;–;–;–;$/,
    )
    expect(second).toMatch(/;défaut;.*joignable : pas de réponse/)
  })

  it('is a page to sign, in both languages, that no name can break', () => {
    const occasion = {
      ...{ territory: 'Essai', gateway: '<gw>', from: FROM, to: FROM, timeZone: 'Europe/Paris' },
      ...{ hash: 'a'.repeat(64), version: '1.0' },
    }
    const french = formatReportHtml(reports, occasion, 'fr')
    expect(french).toContain('<html lang="fr">')
    expect(french).toContain('Procès-verbal de mise en service')
    expect(french).toContain('11 mars 2026')
    expect(french).toContain('Énergie &#60;totale&#62;')
    expect(french).not.toContain('<gw>')
    const english = formatReportHtml(reports, occasion, 'en')
    expect(english).toContain('<td class="fail">fail</td>')
    expect(english).toContain('Name, date, signature')
  })
})
