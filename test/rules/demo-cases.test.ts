import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadRegistry } from '../../registry/load.ts'
import { readRuleCases } from '../../registry/rule-cases.ts'
import { tryCase } from '../../rules/try-case.ts'

const DEMO = join(import.meta.dirname, '../../demo')
const registry = await loadRegistry(DEMO, { environment: {} })

test.each(await readdir(join(DEMO, 'cases')))(
  'the cases of the demonstration are told as expected: %s',
  async file => {
    for (const trial of await readRuleCases(join(DEMO, 'cases', file), registry)) {
      const { told, expected, passed } = tryCase(trial, registry)
      expect(passed, `${trial.name}: expected ${expected}, told ${told}`).toBe(true)
    }
  },
)
