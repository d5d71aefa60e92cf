import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type History, identify, readHistory, surveyHistory } from '../../ingest/history/history.ts'
import { openRowReader } from '../../ingest/history/row.ts'
import { importReadings } from '../../ingest/import.ts'
import type { Reading } from '../../model/reading.ts'
import { readingAt } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { silentLog as log, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { quarantined, testQuarantine } from './hub.ts'

const POINT = 'college/electricite/index'
const KINDS: Record<string, 'number' | 'boolean' | 'string'> = {
  [POINT]: 'number',
  'college/porte/ouverte': 'boolean',
  'college/meteo/temps': 'string',
}
const kindOf = (point: string) => KINDS[point]
const utc = (time: number) => new Date(time).toISOString()

function historyOf(content: string | Buffer, more: Partial<History> = {}): History {
  const format = more.format ?? 'csv'
  const file = join(temporaryFolder(), `history.${format}`)
  writeFileSync(file, content)
  return { file, format, names: {}, kindOf, ...more }
}

async function readingsOf(history: History): Promise<Reading[]> {
  const found: Reading[] = []
  for await (const portion of readHistory(history))
    for (let i = 0; i < portion.points.length; i++) found.push(readingAt(portion, i))
  return found
}

const faultsOf = async (history: History) => (await surveyHistory(history, () => {})).faults

describe('a row', () => {
  const row = (held: object, timeZone?: string) =>
    openRowReader({ timeZone, kindOf })({
      place: 'line 2',
      point: POINT,
      time: '2026-01-01T00:00:00Z',
      value: '1',
      quality: null,
      gatewayTime: null,
      ...held,
    })

  it.each([
    ['1', 1],
    ['-0,5', -0.5],
    ['1 234,5', 1234.5],
    ['12 345 678.25', 12_345_678.25],
    ['1e3', 1000],
  ])('takes %j as the number %d', (value, number) => {
    expect(row({ value }).value).toBe(number)
  })

  it.each(['1,234.5', '12 34', 'abc', '1.2.3', '0x10', 'NaN'])('does not take %j as a number', value => {
    expect(() => row({ value })).toThrow('is no number')
  })

  it('takes truth values in French and English, and text as it is', () => {
    const truths = ['vrai', 'FAUX', 'true', '0', 'oui'].map(
      value => row({ point: 'college/porte/ouverte', value }).value,
    )
    expect(truths).toEqual([true, false, true, false, true])
    expect(() => row({ point: 'college/porte/ouverte', value: 'peut-être' })).toThrow(
      'neither true nor false',
    )
    expect(row({ point: 'college/meteo/temps', value: '12' }).value).toBe('12')
  })

  it.each([
    ['2026-11-26T03:00:00Z', '2026-11-26T03:00:00.000Z'],
    ['2026-11-26 03:00+01:00', '2026-11-26T02:00:00.000Z'],
    ['2026-11-26T03:00:00.25+01', '2026-11-26T02:00:00.250Z'],
    ['2026-11-26 03:00', '2026-11-26T02:00:00.000Z'],
    ['26/11/2026 3:00:30', '2026-11-26T02:00:30.000Z'],
    [1_795_000_000_000, utc(1_795_000_000_000)],
  ])('takes %j as a time', (time, instant) => {
    expect(utc(row({ time }, 'Europe/Paris').time)).toBe(instant)
  })

  it('wants a zone for a time without an offset', () => {
    expect(() => row({ time: '2026-11-26 03:00' })).toThrow('name its zone with --time-zone')
    for (const time of ['yesterday', '2026-13-01T00:00Z', '', null])
      expect(() => row({ time }, 'Europe/Paris')).toThrow(/not a time|no time/)
  })

  it('tells the two hours of autumn apart by their order, and knows of no hour that spring skips', () => {
    const read = openRowReader({ timeZone: 'Europe/Paris', kindOf })
    const times = ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00'].map(clock =>
      utc(
        read({
          place: '',
          point: POINT,
          time: `2026-10-25 ${clock}`,
          value: '1',
          quality: null,
          gatewayTime: null,
        }).time,
      ).slice(11, 16),
    )
    expect(times).toEqual(['23:30', '00:00', '00:30', '01:00', '01:30', '02:00'])
    expect(() => row({ time: '2026-03-29 02:30' }, 'Europe/Paris')).toThrow('does not exist in Europe/Paris')
  })

  it('without a value is one only where its quality says why', () => {
    expect(() => row({ value: '' })).toThrow('there is no value')
    expect(row({ value: '', quality: 'bad:timeout' })).toMatchObject({ value: null, quality: 'bad:timeout' })
  })
})

describe('a file of history', () => {
  it('may be what a French spreadsheet saves', async () => {
    const text = 'Horodate;Relevé\r\n26/11/2026 03:00;1 234,5\r\n26/11/2026 03:10;"1 234,75"\r\n'
    for (const content of [
      `\ufeff${text}`,
      Buffer.from(text, 'latin1'),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
    ]) {
      const history = historyOf(content, {
        names: { time: 'horodate', value: 'relevé' },
        point: POINT,
        timeZone: 'Europe/Paris',
      })
      const time = Date.parse('2026-11-26T02:00:00Z')
      expect(await readingsOf(history)).toEqual([
        { point: POINT, time, value: 1234.5, quality: 'good', gatewayTime: time },
        { point: POINT, time: time + 600_000, value: 1234.75, quality: 'good', gatewayTime: time + 600_000 },
      ])
    }
  })

  it('names the line of what is no reading, and goes on behind it', async () => {
    const history = historyOf(
      `point,time,value\n${POINT},2026-01-01T00:00Z,1\n${POINT},noon,2\n\n${POINT},2026-01-01T00:02Z,"1\n2"\n${POINT},2026-01-01T00:03Z,4\n`,
    )
    expect(await faultsOf(history)).toEqual([
      'history.csv, line 3: noon is not a time',
      'history.csv, line 6: 1\n2 is no number',
    ])
    expect((await readingsOf(history)).map(({ value }) => value)).toEqual([1, 4])
  })

  it('that cannot be cut into rows, or lacks a column, is refused as a whole', async () => {
    await expect(faultsOf(historyOf('point;time;wert\n'))).rejects.toThrow(
      'there is no column value, but point, time, wert: say which it is with --columns',
    )
    const open = historyOf(`point,time,value\n${POINT},"2026-01-01T00:00Z,1\n`)
    await expect(faultsOf(open)).rejects.toThrow(/history\.csv: .*Quote Not Closed/)
    await expect(faultsOf(historyOf('no parquet', { format: 'parquet' }))).rejects.toThrow(
      'history.parquet: ',
    )
    await expect(faultsOf({ ...open, file: '/nowhere.csv' })).rejects.toThrow('/nowhere.csv')
  })

  it('may be Parquet, with times of any kind and a column for each kind of value', async () => {
    const file = join(temporaryFolder(), 'history.parquet')
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(`COPY (SELECT * FROM (VALUES
      ('${POINT}', TIMESTAMPTZ '2026-11-26 03:00:00.5+01', 1.5::DOUBLE, NULL::BOOLEAN, NULL::VARCHAR, 'good'),
      ('college/porte/ouverte', TIMESTAMPTZ '2026-11-26 02:00:01Z', NULL, true, NULL, 'good'),
      ('college/meteo/temps', TIMESTAMPTZ '2026-11-26 02:00:02Z', NULL, NULL, 'pluie', 'good'),
      ('${POINT}', TIMESTAMPTZ '2026-11-26 02:00:03Z', NULL, NULL, NULL, 'bad:timeout')
    ) t(point, time, num, bool, text, quality)) TO '${file}'`)
    const naive = join(temporaryFolder(), 'naive.parquet')
    await connection.run(`COPY (SELECT '${POINT}' AS point, TIMESTAMP '2026-11-26 03:00:00.5' AS time,
      7::BIGINT AS value) TO '${naive}'`)
    connection.closeSync()
    instance.closeSync()
    const found = await readingsOf({ file, format: 'parquet', names: {}, kindOf })
    expect(found.map(({ time, value }) => [utc(time).slice(11), value])).toEqual([
      ['02:00:00.500Z', 1.5],
      ['02:00:01.000Z', true],
      ['02:00:02.000Z', 'pluie'],
      ['02:00:03.000Z', null],
    ])
    const civil: History = { file: naive, format: 'parquet', names: {}, kindOf, timeZone: 'Europe/Paris' }
    expect((await readingsOf(civil)).map(({ time, value }) => [utc(time).slice(11), value])).toEqual([
      ['02:00:00.500Z', 7],
    ])
  })

  it('lists the points that the registry does not know', async () => {
    const rows = ['a/b/c', 'a/b/c', POINT].map((point, i) => `${point},2026-01-01T00:0${i}Z,1\n`)
    const survey = await surveyHistory(historyOf(`point,time,value\n${rows.join('')}`), () => {})
    expect(survey).toMatchObject({ rows: 3, unreadable: 0, unknown: new Map([['a/b/c', 2]]) })
  })

  it('is imported once, its faults into the quarantine, and every row is accounted for', async () => {
    const lines = Array.from({ length: 45_000 }, (_, i) =>
      i % 10_000 === 1 ? `${POINT};never;1` : `${POINT};${utc(Date.UTC(2026, 0) + i * 60_000)};${i}`,
    )
    const history = historyOf(`point;time;value\n${lines.join('\n')}\n`)
    const store = await openEmbeddedReadingStore({
      file: join(temporaryFolder(), 'readings.duckdb'),
      timeZone: 'Europe/Paris',
      log,
    })
    onTestFinished(() => store.close())
    const quarantine = await testQuarantine()
    const name = await identify(history)
    const run = (stop?: AbortController) =>
      importReadings({
        store,
        name,
        portions: readHistory(history),
        quarantine,
        clock: systemClock,
        log,
        onDone: () => stop?.abort(new Error('killed')),
        signal: stop?.signal,
      })
    await expect(run(new AbortController())).rejects.toThrow('killed')
    expect(await run()).toEqual({ readings: 45_000, written: 24_997, repeated: 20_000, quarantined: 3 })
    expect(await run()).toMatchObject({ written: 0, repeated: 45_000, quarantined: 0 })
    expect((await store.positions())[0]).toMatchObject({ sender: `import/${name}`, upTo: 45_000, ranges: [] })
    const ledger = await store.ledger(0, 8.64e15)
    const total = (outcomes: string[]) =>
      ledger.filter(({ outcome }) => outcomes.includes(outcome)).reduce((sum, { count }) => sum + count, 0)
    expect([total(['late', 'prompt']), total(['quarantined'])]).toEqual([44_995, 5])
    expect(
      quarantined(quarantine).map(({ first, payload }) => [first, (payload as { place: string }).place]),
    ).toEqual([1, 10_001, 20_001, 30_001, 40_001].map(i => [i + 1, `line ${i + 2}`]))
  })
})
