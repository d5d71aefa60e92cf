import { expect, it } from 'vitest'
import { recordVersions } from '../../../publication/log/record.ts'
import type { PublishedVersion } from '../../../publication/published.ts'
import { temporaryFolder } from '../../bus/fixtures.ts'
import { leaf, openLog } from './versions.ts'

/** A version as it is on disk; what stands in its folder beside the description is not asked for. */
function told(dataset: string, number: number, publishedAt: string, withdrawn = false): PublishedVersion {
  const text = leaf(number, `${dataset} ${number}`, dataset)
    .toString()
    .replace(/"publishedAt":"[^"]*"/, `"publishedAt":"${publishedAt}"`)
  const withdrawal = { at: publishedAt, reason: { fr: '', en: '' } }
  return { version: JSON.parse(text), text, ...(withdrawn && { withdrawn: withdrawal }) }
}

it('records each version once, in the order of publication, also what is withdrawn', () => {
  const log = openLog(temporaryFolder())
  const versions: Record<string, PublishedVersion[]> = {
    fluides: [
      told('fluides', 1, '2026-01-01T00:00:00.000Z', true),
      told('fluides', 2, '2026-01-03T00:00:00.000Z'),
    ],
    batiments: [told('batiments', 1, '2026-01-02T00:00:00.000Z')],
  }
  const record = () =>
    recordVersions(log, { versions: dataset => versions[dataset]! }, [{ id: 'batiments' }, { id: 'fluides' }])
  const leaves = () => Array.from({ length: log.size }, (_, index) => log.leaf(index).toString())
  record()
  const [first, last] = versions.fluides!
  expect(leaves()).toEqual([first!.text, versions.batiments![0]!.text, last!.text])
  const head = log.headOf(3)
  record()
  expect(log.headOf(0)).toMatchObject({ size: 0 })
  expect([log.size, log.head()]).toEqual([3, head])
  versions.fluides!.push(told('fluides', 3, '2026-01-04T00:00:00.000Z'))
  record()
  expect([log.size, log.headOf(4).size]).toEqual([4, 4])
})
