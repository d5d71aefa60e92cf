import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { OperationParts } from '../../operations/operation.ts'
import { publishAll } from '../../operations/publish.ts'
import { silentLog, temporaryFolder } from '../bus/fixtures.ts'
import { memoryFigures, memoryReadings } from '../fluids/memory-stores.ts'
import { building, registry } from '../fluids/territory.ts'
import { sourcesOf } from '../publication/files.ts'
import { openLog } from '../publication/log/versions.ts'

it('puts what it publishes where no hub runs into the log, too, under the address of the hub', async () => {
  const data = temporaryFolder()
  const parts = {
    settings: { data },
    registry: registry([building('college')], []),
    version: '0.0.0',
    clock: { now: () => Date.UTC(2026, 10, 2), elapsed: () => 0 },
    log: silentLog,
    figures: async () => memoryFigures(),
    readings: async () => memoryReadings('Europe/Paris'),
    records: async () => sourcesOf(memoryFigures()).records,
    baseUrl: () => 'https://donnees.brenne.example',
  } as unknown as OperationParts
  const context = { progress: () => {}, signal: new AbortController().signal }
  const outcomes = await publishAll(parts, {}, context)
  expect(outcomes.find(({ dataset }) => dataset === 'batiments')?.version?.version).toBe(1)
  const log = openLog(join(data, 'publication'))
  expect(log.find('batiments', 1)).toBe(0)
  expect(log.headOf(1)).toMatchObject({ origin: 'donnees.brenne.example/open-data/log', size: log.size })
})
