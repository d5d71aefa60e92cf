import type { LocalDates } from '../model/calendar.ts'
import { intersect, overlap, without } from '../model/local-dates.ts'
import { readParts } from './csv-reader.ts'
import { columnsOf, type Dataset, type Row, subjectOf } from './dataset.ts'
import { compareRows } from './merge.ts'
import type { PublishOptions } from './publish.ts'
import type { PublishedVersion } from './published.ts'
import { datesOfSpan, localSpan } from './row-dates.ts'
import type { PublishedForm } from './selection.ts'
import { type Change, withdrawalOf } from './version.ts'
import { type PublishedFigures, renamedFigures, withdrawnFigures } from './withdrawal.ts'

type Options = Pick<PublishOptions, 'datasets' | 'published' | 'context' | 'folder'>

/** Versions of a dataset that tell the same figures, the newest first. */
interface SameFigures {
  dataset: Dataset
  versions: PublishedVersion[]
  figures: PublishedFigures
}

/** A figure of former versions, over the dates that they tell. */
interface FormerFigure {
  of: SameFigures
  /** As it is kept with them. */
  kept: PublishedForm
  form: PublishedForm
}

/** What must not be read of a figure any more. */
interface GoneFigure extends Pick<FormerFigure, 'of' | 'kept'> {
  during: LocalDates
}

/**
 * Withdraws the versions with figures that may not be known any more ({@link withdrawnFigures}), for all of their dates
 * or for some. Of a version that is withdrawn already the changes are still told: they forget these figures, too.
 * @returns the numbers of the versions by dataset
 */
export async function withdrawFigures(options: Options): Promise<ReadonlyMap<Dataset, number[]>> {
  const { published, context } = options
  const former = formerFigures(options)
  const gone = withdrawnFigures(
    context.registry,
    former.map(({ form }) => form),
  )
  const withdrawn = new Map<Dataset, number[]>()
  const found = former.flatMap(({ of, kept, form }): GoneFigure[] =>
    (gone.get(form) ?? []).map(dates => ({ of, kept, during: intersect(form, dates)! })),
  )
  const byGroup = Map.groupBy(found, ({ of }) => of)
  const telling = [...byGroup].flatMap(([{ dataset, versions, figures }, found]) =>
    versions.flatMap(version => {
      const dates = datesOf(version)
      const own = found.filter(({ during }) => dates && overlap(during, dates))
      return own.length > 0 ? [{ dataset, version, figures, own }] : []
    }),
  )
  for (const { dataset, version, own } of telling) {
    const inForce = published
      .versions(dataset.id)
      .findLast(each => !each.withdrawn && !telling.some(other => other.version === each))
    await published.rewriteChanges(version.version, changes =>
      replaced(changes, own, inForce, dataset, options),
    )
  }
  // A version is marked behind its changes, and its figures are forgotten last: what is broken off is done once more.
  const withdrawal = { at: new Date(context.now).toISOString(), reason: NOT_KNOWN_ANY_MORE }
  for (const { dataset, version, figures, own } of telling) {
    if (!version.withdrawn) {
      published.withdraw(version.version, withdrawal)
      withdrawn.set(dataset, [...(withdrawn.get(dataset) ?? []), version.version.version])
    }
    const forms = figures.forms.flatMap(form => {
      const { from: _, to: __, ...figure } = form
      const forgotten = own.filter(({ kept }) => kept === form).map(({ during }) => during)
      return without(form, forgotten).map(dates => ({ ...dates, ...figure }))
    })
    published.setFigures(version.version, { ...figures, forms })
  }
  if (telling.length > 0) published.sweep()
  return withdrawn
}

/** What former versions tell otherwise than is told now, the newest first. */
function formerFigures({ datasets, published, context }: Options): FormerFigure[] {
  const telling = datasets.filter(({ figures }) => figures)
  const textOf = (form: PublishedForm) => JSON.stringify(form)
  const present = new Set(telling.flatMap(({ figures }) => figures!(context).forms.map(textOf)))
  return telling
    .flatMap(dataset => sameFigures(dataset, published))
    .toSorted((a, b) => (newest(a) > newest(b) ? -1 : 1))
    .flatMap(of => {
      const dates = of.versions.flatMap(version => datesOf(version) ?? [])
      const from = dates.map(each => each.from!).sort()[0]
      const to = dates
        .map(each => each.to!)
        .sort()
        .at(-1)
      return renamedFigures(of.figures, context.registry).flatMap((form, at) => {
        const during = from !== undefined && to !== undefined && intersect(form, { from, to })
        if (!during || present.has(textOf(form))) return []
        const { from: _, to: __, ...figure } = form
        return [{ of, kept: of.figures.forms[at]!, form: { ...during, ...figure } }]
      })
    })
}

function sameFigures(dataset: Dataset, published: Options['published']): SameFigures[] {
  const groups = Map.groupBy(
    published.versions(dataset.id).toReversed(),
    ({ version }) => published.makeup(version).figures?.sha256,
  )
  return [...groups].flatMap(([sha256, versions]) =>
    sha256 === undefined ? [] : [{ dataset, versions, figures: published.figures(versions[0]!.version)! }],
  )
}

function newest({ versions }: SameFigures): string {
  return versions[0]!.version.publishedAt
}

function datesOf({ version }: PublishedVersion): LocalDates | undefined {
  return version.period ? datesOfSpan(version.period) : undefined
}

/**
 * Changes without what may not be known any more: in its place stands the row as it is in force, or that it was withdrawn.
 * Both come in the order of the files.
 */
async function* replaced(
  changes: AsyncIterable<Change>,
  gone: readonly GoneFigure[],
  inForce: PublishedVersion | undefined,
  dataset: Dataset,
  { published, folder, context }: Options,
): AsyncGenerator<Change> {
  const { schema, period } = dataset
  const key = columnsOf(schema, schema.primaryKey)
  const subject = columnsOf(schema, dataset.subject)
  const bySubject = Map.groupBy(gone, ({ kept }) => `${kept.site} ${kept.fluid}`)
  const isGone = ({ row, type }: Change) => {
    const figures = type === 'withdrawn' ? undefined : bySubject.get(subjectOf(row, subject))
    if (!figures) return false
    const span = localSpan(period!.of(row), context.registry.territory.timeZone)
    return figures.some(({ during }) => overlap(during, datesOfSpan(span)))
  }
  const order = (a: Row, b: Row) => {
    const [x, y] = [dataset.partOf(a), dataset.partOf(b)]
    return x === y ? compareRows(a, b, key) : x < y ? -1 : 1
  }
  const rows = readParts(folder, inForce ? published.makeup(inForce.version).parts : [])
  let next = await rows.next()
  for await (const change of changes) {
    if (!isGone(change)) {
      yield change
      continue
    }
    while (!next.done && order(next.value, change.row) < 0) next = await rows.next()
    yield !next.done && order(next.value, change.row) === 0
      ? { type: change.type, row: next.value.slice(0, change.row.length) }
      : withdrawalOf(change.row, key, 'figure')
  }
}

const NOT_KNOWN_ANY_MORE = {
  fr: 'Cette version contenait des chiffres avec lesquels on pourrait déduire ce qui n’est plus publié ; la version en vigueur la remplace.',
  en: 'This version held figures with which something could be computed that is not published any more; the version in force replaces it.',
}
