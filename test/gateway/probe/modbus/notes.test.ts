import { expect, it } from 'vitest'
import { decodingsOf } from '../../../../gateway/probe/modbus/decodings.ts'
import type { Likeness } from '../../../../gateway/probe/modbus/identify.ts'
import { noteOnFits, noteOnModel } from '../../../../gateway/probe/modbus/notes.ts'

const likeness = (model: string, score: number): Likeness => ({
  model,
  name: model,
  points: 2,
  plausible: [],
  score,
})

it('a model that was taken for what a unit is, is called a guess, beside those that are as likely', () => {
  const guess = 'unit-3: a/one is a guess by its registers (0 of 2 points are plausible)'
  expect(noteOnModel(3, [likeness('a/one', 0.9)])).toBe(`${guess}. Compare with the plate.`)
  expect(noteOnModel(3, [likeness('a/one', 0.9), likeness('a/two', 0.88), likeness('a/three', 0.7)])).toBe(
    `${guess}; as likely: a/two. Compare with the plate.`,
  )
  expect(noteOnModel(3, [])).toBe('Left out: unit 3, which is like none of the models.')
})

it('the other decodings that show the same are named', () => {
  const [decoding] = decodingsOf([0, 12])
  expect(noteOnFits([])).toEqual([])
  expect(noteOnFits([{ decoding: decoding!, scale: 0.1 }])).toEqual([
    'The display fits these as well: uint32 wordOrder big byteOrder big scale 0.1. Compare again when it has moved on.',
  ])
})
