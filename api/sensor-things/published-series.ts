import { localDate, startOfLocalDate } from '../../model/calendar.ts'
import {
  aggregateOutput,
  type Cell,
  columnOutput,
  compareColumn,
  type RowQuery,
} from '../../model/row-query.ts'
import type { Publication, PublishedVersion } from '../open-data/publication.ts'
import { TimeValue } from './odata/time-value.ts'
import { type CountSpan, observationOf, type Stream } from './streams.ts'

/** A published dataset whose rows are observations: what is the same of all those of one series, and what is not. */
export interface SeriesTable {
  dataset: string
  keys: readonly string[]
  /** Columns of the beginning and the end, local dates or instants. */
  start: string
  end: string
  result: string
  /** Columns that say how well the result is known, by the names under which that is told. */
  quality: Readonly<Record<string, string>>
  /** About how long from one row to the next, ms. */
  interval: number
}

export interface Series {
  /** Texts, in the order of the keys. */
  keys: readonly string[]
  /** Where its Datastream and its feature have these ids. */
  stream(id: string, feature: string): Stream
}

/** The series of a version of a dataset. @throws QueryRefusedError */
export async function readSeries(
  publication: Publication,
  version: PublishedVersion,
  table: SeriesTable,
  timeZone: string,
): Promise<Series[]> {
  const { keys, start, end } = table
  const { rows } = await publication.rows.ask(version, {
    select: [
      ...keys.map(columnOutput),
      aggregateOutput('first', 'min', start),
      aggregateOutput('last', 'max', start),
      aggregateOutput('until', 'max', end),
      { name: 'rows', of: { kind: 'aggregate', aggregate: 'count' } },
    ],
    groupBy: keys,
    orderBy: keys.map(by => ({ by, descending: false })),
  })
  const times = timesOf(publication, version, table, timeZone)
  return rows.map(row => {
    const own = row.slice(0, keys.length).map(String)
    const [first, last, until] = row.slice(keys.length, -1).map(cell => times.parse(String(cell)))
    const extent = { first: first!, last: last!, until: until!, rows: Number(row.at(-1)) }
    return {
      keys: own,
      stream: (id, feature) => streamOf({ publication, version, table, times, own, id, feature, extent }),
    }
  })
}

interface OneSeries {
  publication: Publication
  version: PublishedVersion
  table: SeriesTable
  times: Times
  own: readonly string[]
  id: string
  feature: string
  /** When the first and the last row begin and the last ends, ms UTC, and how many there are. */
  extent: { first: number; last: number; until: number; rows: number }
}

/** A question to a file of its own: no more than some hundreds are asked by one request. */
const LOOK_COST = 150

function streamOf({ publication, version, table, times, own, id, feature, extent }: OneSeries): Stream {
  const { first, last, until } = extent
  const known = new Map(publication.rows.columns(version).map(column => [column.name, column]))
  const quality = Object.entries(table.quality).filter(([, column]) => known.has(column))
  const resultTime = new TimeValue(Date.parse(version.version.publishedAt))
  const start = known.get(table.start)!
  const isOwn = table.keys.map((key, at) => compareColumn(known.get(key)!, '=', own[at]!))
  const during = (from: number, to: number): Pick<RowQuery, 'where'> => ({
    where: {
      kind: 'and',
      of: [
        ...isOwn,
        compareColumn(start, '>=', times.firstFrom(from)),
        compareColumn(start, '<', times.firstFrom(to)),
      ],
    },
  })

  function describe([start, end, result, ...cells]: readonly Cell[]) {
    const period = new TimeValue(times.parse(String(start)), times.parse(String(end)))
    return observationOf({ id, feature }, period, {
      ...{ result: result ?? null, resultTime },
      resultQuality: Object.fromEntries(quality.map(([name], at) => [name, cells[at] ?? null])),
    })
  }

  const isWhole = ({ isFromFirst, isToLast }: CountSpan) => isFromFirst && isToLast

  return {
    ...{ id, feature, isInstant: false, interval: table.interval },
    extent: async () => ({
      ...{ phenomenon: { start: first, end: until }, last },
      result: { start: resultTime.start, end: resultTime.end },
      ...{ isCutBefore: false, isCutBehind: false },
    }),
    async read(from, to, mostRows) {
      if (from > last || to <= first) return { rows: 0, observations: [] }
      const columns = [table.start, table.end, table.result, ...quality.map(([, column]) => column)]
      const { rows } = await publication.rows.ask(version, {
        ...during(from, to),
        select: columns.map(columnOutput),
        orderBy: [{ by: columnOutput(table.start).of, descending: false }],
        limit: mostRows,
      })
      return { rows: rows.length, observations: rows.map(describe) }
    },
    lookCost: LOOK_COST,
    countCost: span => (isWhole(span) ? 0 : LOOK_COST),
    count: async span =>
      isWhole(span)
        ? extent.rows
        : publication.rows.count(version, { ...during(span.from, span.to), select: [] }),
  }
}

/** How a column tells instants. */
interface Times {
  /** ms UTC */
  parse(text: string): number
  /** The first that it can tell from an instant on, ms UTC. */
  firstFrom(time: number): string
}

function timesOf(
  publication: Publication,
  version: PublishedVersion,
  { start }: SeriesTable,
  timeZone: string,
): Times {
  const column = publication.rows.columns(version).find(({ name }) => name === start)
  if (column?.type !== 'date') return { parse: Date.parse, firstFrom: time => new Date(time).toISOString() }
  return {
    parse: text => startOfLocalDate(text, timeZone),
    firstFrom(time) {
      const date = localDate(time, timeZone)
      if (startOfLocalDate(date, timeZone) >= time) return date
      return Temporal.PlainDate.from(date).add({ days: 1 }).toString()
    },
  }
}
