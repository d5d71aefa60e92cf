import { expect, it } from 'vitest'
import { z } from 'zod'
import { plainMessage } from '../../api/plain-message.ts'

const schema = z.strictObject({
  limit: z.coerce.number().int().min(0).max(100),
  dataset: z.string().max(5),
  language: z.enum(['fr', 'en']),
  date: z.iso.date(),
  id: z.uuid(),
})
const GOOD = { limit: '1', dataset: 'a', language: 'fr', date: '2026-11-22', id: crypto.randomUUID() }
const said = (more: Record<string, unknown>) =>
  schema.safeParse({ ...GOOD, ...more }).error?.issues.map(({ message }) => plainMessage(message))

it.each([
  [{ limit: 'abc' }, 'write a number'],
  [{ limit: '1.5' }, 'write a whole number'],
  [{ limit: '-1' }, 'must be 0 at least'],
  [{ limit: '101' }, 'must be 100 at most'],
  [{ dataset: undefined }, 'is needed'],
  [{ dataset: ['a', 'b'] }, 'may be given only once'],
  [{ dataset: 'abcdef' }, 'must have 5 characters at most'],
  [{ date: '2026-02-30' }, 'write a date like 2026-11-22'],
  [{ id: 'zz' }, 'write a UUID'],
  [{ language: 'de' }, 'must be one of "fr", "en"'],
])('what is wrong with %o is said in plain words', (more, words) => {
  expect(said(more)).toEqual([words])
})

it('what is said in plain words already stays', () => {
  expect(plainMessage('write a date like 2026-10-01')).toBe('write a date like 2026-10-01')
})
