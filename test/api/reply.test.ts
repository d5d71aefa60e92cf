import { describe, expect, it, test } from 'vitest'
import { openPace } from '../../api/answers/pace.ts'
import { readReply, type ToldAlert, weighReply } from '../../api/answers/reply.ts'
import { unsettledText } from '../../api/answers/reply-text.ts'
import type { Alert } from '../../model/alert.ts'
import { toPhoneNumber } from '../../model/phone-number.ts'
import { REPLY_CODE, replyCodeOf } from '../../model/reply-code.ts'
import { frostAlert, MINUTE, NOW } from './hub.ts'

test.each([
  'OK',
  'ok.',
  ' Ok ! ',
  'O.K.',
  'okay',
  "D'accord",
  'd’accord',
  'Pris en charge',
  'Je prends, merci',
])('%s takes an alert in charge', text => expect(readReply(text)).toEqual({}))
test.each(['OK 7K2', 'ok7k2', '7k2', 'Okay: 7K2.', 'Prise en charge 7-K-2'])('%s names it', text =>
  expect(readReply(text)).toEqual({ code: '7K2' }),
)
test.each([
  '',
  'non',
  'pas ok',
  'not OK',
  'OK ?? je ne peux pas',
  'OK 7K',
  'OK 7K22',
  'OK 1O0',
  'STOP',
  '👍',
])('%s takes nothing in charge', text => expect(readReply(text)).toBeUndefined())

test.each([
  ['+33 6 12-34.56 (78)', '+33612345678'],
  ['33612345678', '+33612345678'],
  ['0033612345678', '+33612345678'],
  ['0612345678', '+33612345678'],
  ['+262692123456', '+262692123456'],
])('the number %s is %s', (text, number) => expect(toPhoneNumber(text)).toBe(number))
test.each(['', '36180', 'AFFLUENT', '+0612345678', '+33612345678; x'])('%s is no number', text =>
  expect(toPhoneNumber(text)).toBeUndefined(),
)

const told = (alert: Alert, ...changes: number[]): ToldAlert => ({
  alert,
  told: changes.map(change => ({ change, delivered: true })),
})
const worsened = (time: number) => ({ change: { type: 'worsened', number: 1, time } as const })
const weigh = (text: string, ...known: ToldAlert[]) =>
  weighReply(text, known, { names: ['marie'], now: NOW }).outcome

describe('a word without a code', () => {
  const other = frostAlert('firing', { id: 'gel-2' })
  it('acknowledges the one alert that is open, and not one of several', () => {
    const shelved = frostAlert('firing', { id: 'gel-3', shelving: { number: 1, until: NOW + 1 } as never })
    expect(weigh('ok', told(frostAlert(), 0), told(shelved, 0))).toBe('acknowledge')
    expect(weigh('ok', told(frostAlert(), 0), told(other, 0))).toBe('which')
    expect(weigh('ok', told(frostAlert('resolved'), 0))).toBe('nothing')
  })
  it('does not acknowledge what has not arrived, nor what may cross a message of its worsening (trap 22)', () => {
    const waiting = { alert: frostAlert(), told: [{ change: 0, delivered: false }] }
    expect(weigh('ok', waiting)).toBe('which')
    expect(weigh('ok', told(frostAlert('firing', worsened(NOW - 9 * MINUTE)), 0))).toBe('which')
    expect(weigh('ok', told(frostAlert('firing', worsened(NOW - MINUTE)), 0, 1))).toBe('which')
    expect(weigh('ok', told(frostAlert('firing', worsened(NOW - MINUTE)), 1))).toBe('acknowledge')
    expect(weigh('ok', told(frostAlert('firing', worsened(NOW - 2 * MINUTE)), 0, 1))).toBe('acknowledge')
  })
  it('that came twice does not acknowledge what has fired since', () => {
    const done = (acknowledgedAt: number, acknowledgedBy = 'marie') =>
      told(frostAlert('acknowledged', { acknowledgedAt, acknowledgedBy }), 0)
    expect(weigh('ok', done(NOW - MINUTE))).toBe('acknowledged')
    expect(weigh('ok', done(NOW - MINUTE), told(other, 0))).toBe('which')
    expect(weigh('ok', done(NOW - MINUTE, 'paul'), told(other, 0))).toBe('acknowledge')
    expect(weigh('ok', done(NOW - 10 * MINUTE), told(other, 0))).toBe('acknowledge')
  })
})

describe('a code', () => {
  const code = (id = 'gel-1', change = 0) => `OK ${replyCodeOf(id, change)}`
  it('acknowledges the alert it names among several', () => {
    const other = frostAlert('firing', { id: 'gel-2' })
    expect(
      weighReply(code('gel-2'), [told(frostAlert(), 0), told(other, 0)], { names: [], now: NOW }),
    ).toEqual({ outcome: 'acknowledge', alert: other })
    expect(weigh(code('gel-9'), told(frostAlert(), 0))).toBe('which')
    expect(weigh(code('gel-9'))).toBe('nothing')
  })
  it('of before a worsening acknowledges nothing (trap 22), the newer one does', () => {
    const alert = frostAlert('firing', worsened(NOW - 9 * MINUTE))
    expect(weigh(code(), told(alert, 0))).toBe('changed')
    expect(weigh(code(), told(alert, 0, 1))).toBe('changed')
    expect(weigh(code('gel-1', 1), told(alert, 0))).toBe('acknowledge')
  })
  it('of what is done or over says so', () => {
    expect(weigh(code(), told(frostAlert('acknowledged'), 0))).toBe('acknowledged')
    expect(weigh(code(), told(frostAlert('resolved'), 0))).toBe('over')
  })
  it('that two open alerts share acknowledges neither', () => {
    const twin = Array.from({ length: 20_000 }, (_, i) => `twin-${i}`).find(
      id => replyCodeOf(id, 0) === replyCodeOf('gel-1', 0),
    )!
    expect(weigh(code(), told(frostAlert(), 0), told(frostAlert('firing', { id: twin }), 0))).toBe('which')
  })
  it('begins with a digit and is read off without mistakes', () => {
    const codes = Array.from({ length: 2000 }, (_, i) => replyCodeOf(`a-${i}`, i % 3))
    expect(codes.filter(each => !new RegExp(`^${REPLY_CODE.source}$`).test(each))).toEqual([])
    expect(/[01OILSBZ58]/.exec(codes.join(''))).toBeNull()
    expect(new Set(codes).size).toBeGreaterThan(1400)
  })
})

test('what is said back names the code of each open alert, three at most', () => {
  const open = ['a', 'b', 'c', 'd', 'e'].map(id => frostAlert('firing', { id }))
  const named = ['a', 'b', 'c'].map(id => `OK ${replyCodeOf(id, 0)} (Risque de gel)`).join(', ')
  expect(unsettledText('which', open, 'fr')).toBe(
    `Rien n'est encore pris en charge. Répondre ${named}, et 2 autres`,
  )
  expect(unsettledText('over', [], 'en')).toBe('This alert is over.')
})

test('a pace lets so many happen within a time, by key', () => {
  const may = openPace({ most: 2, within: 10 })
  expect([may('a', 0), may('a', 5), may('a', 9), may('b', 9), may('a', 10), may('a', 11)]).toEqual(
    [true, true, false, true, true, false], // the third was refused and does not count
  )
})
