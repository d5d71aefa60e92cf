import { expect, it } from 'vitest'
import { en } from '../../dashboards/console/src/i18n/en.ts'
import { fr } from '../../dashboards/console/src/i18n/fr.ts'
import { STATING_FAULTS } from '../../model/state.ts'

it('says in both languages what can be wrong with a statement', () => {
  for (const { statements } of [fr, en]) {
    expect(Object.keys(statements.faults).sort()).toEqual([...STATING_FAULTS].sort())
    for (const fault of STATING_FAULTS) expect(statements.faults[fault]!('0,01 kWh')).toMatch(/\.$/)
  }
})
