import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readStatements } from '../../ingest/statements/statement-rows.ts'
import type { Meter } from '../../registry/registry.ts'
import { temporaryFolder } from '../bus/fixtures.ts'
import { building, meter, registry } from '../fluids/territory.ts'

it('a file has gas in kWh of a meter that counts m³, and a row that nobody can split spoils no other', async () => {
  const gas: Meter = {
    ...meter('gaz', 'school'),
    ...{ point: undefined, fluid: 'gaz', unit: 'm3', resolution: 1, stepsPerUnit: 1 },
    conversions: [{ kilowattHours: 11.28 }, { from: '2026-04-01', kilowattHours: 11.31 }],
  }
  const file = join(temporaryFolder(), 'factures.csv')
  await writeFile(
    file,
    [
      'meter;origin;from;to;amount;unit',
      'gaz;invoice;01/02/2026;01/03/2026;1 128;kWh',
      'gaz;invoice;01/03/2026;01/05/2026;2 000;kWh',
      'gaz;invoice;01/04/2026;01/05/2026;1,131;MWh',
    ].join('\r\n'),
  )
  const { statements, faults } = await readStatements(file, {
    registry: registry([building('school')], [gas]),
    author: 'Mairie',
    now: Date.parse('2026-11-22'),
  })
  expect(statements).toMatchObject([
    { value: 100, written: { value: 1128, unit: 'kW.h' }, source: 'factures.csv, line 2' },
    { value: 100, written: { value: 1.131, unit: 'MW.h' } },
  ])
  expect(faults).toEqual([
    'factures.csv, line 3: to: the coefficient changes on 2026-04-01: state what was counted before and after it each for itself',
  ])
})
