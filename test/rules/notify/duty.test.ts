import { describe, expect, test } from 'vitest'
import { rotaSchema } from '../../../registry/on-call-schema.ts'
import { onDuty } from '../../../rules/notify/duty.ts'

const PARIS = 'Europe/Paris'
const duty = (rota: object, time: string) => onDuty(rotaSchema.parse(rota), Date.parse(time), PARIS)

describe('a rota of turns', () => {
  const winter = {
    ...{ id: 'hiver', from: '2026-11-13T12:00', to: '2027-03-19T12:00' },
    turns: { people: ['marie', 'paul', 'lea'] },
    replacements: [{ person: 'jean', from: '2026-12-24T18:00', to: '2026-12-26T08:00' }],
  }

  test.each([
    ['before its season', '2026-11-13T11:59+01:00', []],
    ['from its first minute', '2026-11-13T12:00+01:00', ['marie']],
    ['until the handover', '2026-11-20T11:59+01:00', ['marie']],
    ['from the handover on', '2026-11-20T12:00+01:00', ['paul']],
    ['in the third week', '2026-11-27T12:00+01:00', ['lea']],
    ['and again from the first', '2026-12-04T12:00+01:00', ['marie']],
    ['the last evening before a replacement', '2026-12-24T17:59+01:00', ['lea']],
    ['a replacement', '2026-12-24T18:00+01:00', ['jean']],
    ['after it', '2026-12-26T08:00+01:00', ['marie']],
    ['out of season', '2027-03-19T12:00+01:00', []],
  ])('%s', (_, time, expected) => expect(duty(winter, time)).toEqual(expected))

  test('hands over at the same civil time after the clocks change', () => {
    const spring = { ...winter, from: '2027-03-26T12:00', to: '2027-06-01T12:00', replacements: [] }
    expect(duty(spring, '2027-04-02T11:59+02:00')).toEqual(['marie'])
    expect(duty(spring, '2027-04-02T12:00+02:00')).toEqual(['paul'])
  })
})

test('a replacement for one of two on duty leaves the other where they are', () => {
  const shift = { from: '2026-11-13T12:00', to: '2026-11-27T12:00' }
  const absence = { from: '2026-11-14T00:00', to: '2026-11-16T00:00' }
  const rota = {
    ...{ id: 'hiver', from: shift.from, to: shift.to },
    shifts: ['marie', 'paul'].map(person => ({ person, ...shift })),
    replacements: [
      { person: 'jean', for: 'marie', ...absence },
      { person: 'lea', from: '2026-11-15T00:00', to: '2026-11-17T00:00' },
    ],
  }
  expect(duty(rota, '2026-11-14T12:00+01:00')).toEqual(['jean', 'paul'])
  expect(duty(rota, '2026-11-15T12:00+01:00')).toEqual(['jean', 'lea'])
  expect(duty(rota, '2026-11-16T12:00+01:00')).toEqual(['lea'])
  expect(duty(rota, '2026-11-17T12:00+01:00')).toEqual(['marie', 'paul'])
  const turns = { ...rota, shifts: [], turns: { people: ['paul', 'marie'] } }
  expect(duty(turns, '2026-11-14T12:00+01:00'), 'for somebody whose turn it is not').toEqual(['paul'])
})

test('shifts that overlap have everybody on duty, each once', () => {
  const shifts = [
    { person: 'marie', from: '2026-11-13T12:00', to: '2026-11-20T12:00' },
    { person: 'paul', from: '2026-11-19T12:00', to: '2026-11-27T12:00' },
    { person: 'paul', from: '2026-11-19T18:00', to: '2026-11-20T06:00' },
  ]
  const rota = { id: 'hiver', from: '2026-11-13T12:00', to: '2026-11-27T12:00', shifts }
  expect(duty(rota, '2026-11-19T11:59+01:00')).toEqual(['marie'])
  expect(duty(rota, '2026-11-19T20:00+01:00')).toEqual(['marie', 'paul'])
  expect(duty(rota, '2026-11-20T12:00+01:00')).toEqual(['paul'])
})
