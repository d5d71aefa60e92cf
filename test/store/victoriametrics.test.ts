import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Reading, toColumns } from '../../model/reading.ts'
import { createConnection } from '../../store/influxdb/connection.ts'
import { readingLine } from '../../store/influxdb/line-protocol.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { findPeer } from '../peers/cache.ts'
import { startVictoriametrics, type VictoriametricsPeer } from '../peers/victoriametrics.ts'

const T0 = Date.UTC(2026, 10, 22)

/** A store that speaks the write API of InfluxDB and nothing else of it, as clusters do. */
describe.runIf(findPeer('victoriametrics'))('VictoriaMetrics', () => {
  let peer: VictoriametricsPeer
  beforeAll(async () => {
    peer = await startVictoriametrics()
  })
  afterAll(() => peer.close())
  const influxdb = () => ({ url: peer.url, org: '-', bucket: 'affluent', token: 'none' })

  /** Times and values of a series, by its own query API. */
  async function exported(match: string): Promise<[number, number][]> {
    const answer = await fetch(`${peer.url}/api/v1/export?${new URLSearchParams({ 'match[]': match })}`)
    const lines = (await answer.text()).trim().split('\n').filter(Boolean)
    return lines.flatMap(line => {
      const { timestamps, values } = JSON.parse(line) as { timestamps: number[]; values: number[] }
      return timestamps.map((time, i): [number, number] => [time, values[i]!])
    })
  }

  test('takes the lines that we write and gives back what is a number, to 12 digits', async () => {
    const values = [0.1, -273.15, 123_456_789.123, 2 ** 53, 1 / 3, true, false, 'ouvert']
    const columns = toColumns(
      values.map((value, i): Reading => {
        return {
          point: `college/meter-${i}/index`,
          time: T0 + i * 1000,
          value,
          quality: 'good',
          gatewayTime: T0 + i * 1000 + 20,
        }
      }),
    )
    const connection = createConnection(influxdb())
    await connection.write(values.map((_, row) => readingLine(columns.points[row]!, columns, row)))
    connection.close()
    const numbers = values.filter(value => typeof value !== 'string').map(Number)
    // Else it shows them some seconds later.
    await fetch(`${peer.url}/internal/force_flush`)
    const found = (await exported('reading_num')).toSorted(([a], [b]) => a - b)
    expect(found.map(([time]) => time)).toEqual(numbers.map((_, i) => T0 + i * 1000))
    for (const [i, [, value]] of found.entries())
      expect(value / (numbers[i] || 1)).toBeCloseTo(numbers[i] ? 1 : 0, 11)
    // Not to the last bit; and of a text, such as the quality, it makes a zero.
    expect(found[4]![1]).not.toBe(1 / 3)
    const texts = await exported('{__name__=~"reading_(text|quality)"}')
    expect(new Set(texts.map(([, value]) => value))).toEqual(new Set([0]))
  })

  test('cannot be the only store: it has no InfluxQL, and says so without a loss', async () => {
    const log = pino({ level: 'silent' })
    const store = await openInfluxReadingStore({ ...influxdb(), timeZone: 'Europe/Paris', log })
    const batch = toColumns([
      { point: 'college/meter-0/index', time: T0, value: 1, quality: 'good', gatewayTime: T0 },
    ])
    await expect(store.positions()).rejects.toThrow(StoreUnavailableError)
    await expect(store.write(batch, [])).rejects.toThrow(StoreUnavailableError)
    await store.close()
  })
})
