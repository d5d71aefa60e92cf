import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finishFirstHistory, planFirstHistory } from '../../simulators/first-history.ts'
import { registry, SEED } from './territory.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')

test('a first history that was interrupted goes on as it was, unless the registry has changed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-history-'))
  const planAt = (now: number, of = registry) =>
    planFirstHistory({ file: join(folder, 'history.json'), registry: of, seed: SEED, months: 2, now })
  const plan = planAt(NOW)!
  expect(plan).toMatchObject({ seed: SEED, from: Date.parse('2026-08-31T22:00:00Z'), to: NOW })
  expect(planAt(NOW + 5000)).toEqual(plan)

  // Other points, other numbers: those that the first attempt reached would be skipped without being there.
  const changed = planAt(NOW + 9000, { ...registry, hash: 'of another registry' })!
  expect(changed).toEqual({ ...plan, hash: changed.hash })
  expect(changed.hash).not.toBe(plan.hash)

  finishFirstHistory(join(folder, 'history.json'), changed)
  expect(planAt(NOW + 9000)).toBeUndefined()

  writeFileSync(join(folder, 'history.json'), '')
  expect(() => planAt(NOW)).toThrow(/history\.json cannot be read/)
  rmSync(folder, { recursive: true })
})
