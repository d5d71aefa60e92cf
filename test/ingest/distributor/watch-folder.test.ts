import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadFormats } from '../../../ingest/distributor/formats.ts'
import { watchFolder } from '../../../ingest/distributor/watch-folder.ts'
import type { Statement } from '../../../model/statement.ts'
import { building, meter, registry } from '../../fluids/territory.ts'
import { writeZip } from './archives.ts'

const CURVE = join(import.meta.dirname, 'fixtures/enedis/r63-csv.csv')
const formats = await loadFormats()
const target = { ...meter('elec', 'school', { deliveryPoint: '12345678901234' }), point: undefined }
const territory = registry([building('school')], [target])

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))

function watch(onStatements: (statements: Statement[]) => Promise<unknown>) {
  const logged: string[] = []
  const log = pino({ level: 'info' }, { write: line => void logged.push(line) })
  const started = watchFolder({ folder, every: 3_600_000, formats, registry: territory, onStatements, log })
  return started.then(watching => ({ ...watching, logged }))
}

it('takes a file once it is whole, and says beside it what it held; the log names no delivery point', async () => {
  const kept: Statement[] = []
  const watching = await watch(async statements => kept.push(...statements))
  await watching.look()
  await copyFile(CURVE, join(folder, 'Enedis_12345678901234.csv'))
  await watching.look()
  expect(kept).toEqual([])
  await watching.look()
  await watching.close()
  expect(kept.map(({ meter: id, origin }) => [id, origin])).toEqual([
    ['elec', 'distributor'],
    ['elec', 'estimate'],
  ])
  expect(await readdir(join(folder, 'taken'))).toEqual([
    'Enedis_12345678901234.csv',
    'Enedis_12345678901234.csv.txt',
  ])
  const report = await readFile(join(folder, 'taken', 'Enedis_12345678901234.csv.txt'), 'utf8')
  expect(report).toContain('elec: 2 amounts (1 measured, 1 estimated)')
  expect(report).toContain('22345678901234: 1 values, of no meter in the registry')
  expect(watching.logged.join()).toContain('"unknown":1')
  expect(watching.logged.join()).not.toMatch(/\d345678901234/)
})

it('puts aside what nobody can read, and takes the others', async () => {
  const kept: Statement[] = []
  const watching = await watch(async statements => kept.push(...statements))
  await writeFile(join(folder, 'a.xlsx'), Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff, 0xfe]))
  await copyFile(CURVE, join(folder, 'b.csv'))
  await watching.look()
  await watching.look()
  await watching.look()
  await watching.close()
  expect(await readdir(join(folder, 'refused'))).toEqual(['a.xlsx', 'a.xlsx.txt'])
  expect(kept).toHaveLength(2)
})

it('takes an archive of which something can be read, and says beside it what cannot', async () => {
  const kept: Statement[] = []
  const watching = await watch(async statements => kept.push(...statements))
  await writeZip(join(folder, 'ENEDIS_12345678901234.zip'), {
    '12345678901234.csv': await readFile(CURVE),
    'coupé.xml': '<R50><PRM>',
  })
  await watching.look()
  await watching.look()
  await watching.close()
  expect(kept.map(({ source }) => source)).toEqual([
    'ENEDIS_12345678901234.zip, 12345678901234.csv, line 2',
    'ENEDIS_12345678901234.zip, 12345678901234.csv, line 3',
  ])
  const report = await readFile(join(folder, 'taken', 'ENEDIS_12345678901234.zip.txt'), 'utf8')
  expect(report).toContain('coupé.xml: line 1: Unclosed root tag')
  expect(watching.logged.join()).toContain('"faults":1')
  expect(watching.logged.join()).not.toMatch(/\d345678901234/)
})

it('tries a file again that could not be kept', async () => {
  let full = true
  const kept: Statement[] = []
  const watching = await watch(async statements => {
    if (full) throw new Error('the disk is full')
    kept.push(...statements)
  })
  await copyFile(CURVE, join(folder, 'courbe.csv'))
  await watching.look()
  await watching.look()
  await watching.look()
  expect(await readdir(folder)).toEqual(['courbe.csv'])
  expect(watching.logged.join()).toContain('the disk is full')
  full = false
  await watching.look()
  await watching.close()
  expect(kept).toHaveLength(2)
  expect(await readdir(folder)).toEqual(['taken'])
})
