import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkPublication } from '../../publication/check.ts'
import { DATASETS } from '../../publication/datasets.ts'
import { openProofLog } from '../../publication/log/log.ts'
import { recordVersions } from '../../publication/log/record.ts'
import { objectPath } from '../../publication/objects.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { silentLog as log, temporaryFolder } from '../bus/fixtures.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const clock = { now: () => Date.UTC(2026, 10, 1), elapsed: () => 0 }
const sound = mkdtempSync(join(tmpdir(), 'affluent-check-'))
afterAll(() => rmSync(sound, { recursive: true }))
beforeAll(async () => {
  const published = openPublished(sound)
  const proofLog = openProofLog({ folder: sound, origin: () => 'hub.example/open-data/log', clock, log })
  for (const names of [['a'], ['a', 'b']]) {
    const of = registry(
      names.map(name => building(name)),
      [],
    )
    const context = { registry: of, now: clock.now(), sources: sourcesOf(memoryFigures()) }
    await publish({ datasets: DATASETS, context, published, folder: sound, software: '0.0.0' })
    recordVersions(proofLog, published, DATASETS)
  }
  proofLog.close()
})

/** What is found in a copy after something was done to it. */
async function foundAfter(change: (folder: string) => void, full = false): Promise<string[]> {
  const folder = temporaryFolder()
  cpSync(sound, folder, { recursive: true })
  change(folder)
  const findings = await checkPublication({
    ...{ folder, full, onProgress: () => {} },
    signal: new AbortController().signal,
  })
  return findings.map(({ file, problem }) => `${file.slice(folder.length + 1)}: ${problem}`)
}

/** An object that is a part of the newest version only. */
function anObject(folder: string): string {
  const published = openPublished(folder)
  const { version } = published.latest('batiments')!
  return published.makeup(version).objects['batiments.parquet']![0]!.sha256
}

it('finds nothing where all is as it was published, nor where nothing was', async () => {
  expect(await foundAfter(() => {}, true)).toEqual([])
  expect(await foundAfter(folder => rmSync(folder, { recursive: true }))).toEqual([])
})

it('names what is not the bytes of its name, and the version that lacks something', async () => {
  let name = ''
  const changed = await foundAfter(folder => {
    name = anObject(folder)
    appendFileSync(objectPath(folder, name), 'x')
  })
  expect(changed).toEqual([
    `objects/${name.slice(0, 2)}/${name}: its bytes are not those that were published`,
  ])
  const missing = await foundAfter(folder => rmSync(objectPath(folder, name)))
  expect(missing).toEqual(['batiments/2: 1 of its files or their parts are missing'])
  const exchanged = await foundAfter(folder => {
    const makeup = join(folder, 'batiments/2/makeup.json')
    const { sha256 } = openPublished(folder).makeup(openPublished(folder).latest('batiments')!.version)
      .parts[0]!.objects['.csv']!
    writeFileSync(makeup, readFileSync(makeup, 'utf8').replaceAll(name, sha256))
  }, true)
  expect(exchanged).toEqual(['batiments/2: batiments.parquet is not the one that its checksum is of'])
  const damaged = await foundAfter(folder => writeFileSync(join(folder, 'batiments/2/makeup.json'), '{'))
  expect(damaged).toEqual([expect.stringMatching(/^batiments\/2: damaged: /)])
})

it('holds the log against what it has signed, and against the versions', async () => {
  const leaves = (folder: string) => join(folder, 'log/leaves.jsonl')
  const rewrite = (file: string, change: (lines: string[]) => string[]) =>
    writeFileSync(file, change(readFileSync(file, 'utf8').split('\n')).join('\n'))
  const changed = await foundAfter(folder =>
    rewrite(leaves(folder), ([first, ...others]) => [first!.replace('"rows":1', '"rows":7'), ...others]),
  )
  expect(changed).toEqual([
    expect.stringMatching(
      /^log\/leaves\.jsonl: the head of \S+ has signed other leaves: one of the first 1 /,
    ),
    expect.stringMatching(
      /^log\/leaves\.jsonl: the head of \S+ has signed other leaves: one of the first 2 /,
    ),
    'log/leaves.jsonl: version 1 of batiments is another one than that which is published',
  ])
  const shorter = await foundAfter(folder => rewrite(leaves(folder), ([first]) => [first!, '']))
  expect(shorter).toEqual([
    expect.stringMatching(/^log\/leaves\.jsonl: it has 1 leaves, and the head of \S+ has signed 2$/),
    'log/leaves.jsonl: version 2 of batiments is not in it',
  ])
  const forged = await foundAfter(folder =>
    rewrite(join(folder, 'log/heads.jsonl'), ([first, ...others]) => {
      const { signature, ...head } = JSON.parse(first!)
      const other = Buffer.from(signature, 'base64')
      other[0]! ^= 1
      return [JSON.stringify({ ...head, signature: other.toString('base64') }), ...others]
    }),
  )
  expect(forged).toEqual([
    expect.stringMatching(/^log\/heads\.jsonl: the head of \S+ is not signed by the key of this log$/),
  ])
})
