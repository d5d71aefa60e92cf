import { Problem } from '../problem.ts'
import type { Publication } from './publication.ts'

/**
 * A page of what changed in all datasets since a cursor, as JSON: dataset by dataset in the order of the catalogue, of each
 * as it is told of this one alone. Without a cursor, and for a dataset that it does not know, from zero.
 * @param limit changes on a page
 * @throws Problem where the cursor leads nowhere any more
 */
export async function allChanges(
  publication: Pick<Publication, 'datasets' | 'changes'>,
  since: string | undefined,
  limit: number,
): Promise<string> {
  const cursors = readCursors(since)
  const changes: string[] = []
  let more = false
  for (const { id } of publication.datasets) {
    if (changes.length >= limit) {
      more = true
      break
    }
    const page = await publication.changes(id, cursors.get(id), limit - changes.length)
    if (!page) throw endedCursor(`in ${id}`)
    // The text of an object, into which its dataset is put first.
    changes.push(...page.changes.map(change => `{"dataset":${JSON.stringify(id)},${change.slice(1)}`))
    if (page.next !== '') cursors.set(id, page.next)
    more ||= page.more
  }
  return `{"changes":[${changes.join(',\n')}],"next":${JSON.stringify(writeCursors(cursors))},"more":${more}}`
}

export function endedCursor(where = ''): Problem {
  return new Problem(
    410,
    `This cursor leads nowhere any more${where && ` ${where}`}: begin again without \`since\`, with an empty copy.`,
  )
}

function writeCursors(cursors: ReadonlyMap<string, string>): string {
  return Buffer.from([...cursors].map(each => each.join(':')).join()).toString('base64url')
}

function readCursors(since: string | undefined): Map<string, string> {
  if (!since) return new Map()
  const text = Buffer.from(since, 'base64url').toString()
  if (!/^[a-z0-9-]+:[\w-]+(,[a-z0-9-]+:[\w-]+)*$/.test(text)) throw endedCursor()
  return new Map(text.split(',').map(each => each.split(':') as [string, string]))
}
