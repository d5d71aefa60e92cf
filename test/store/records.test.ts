import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Alert, AlertEvent } from '../../model/alert.ts'
import type { StreamPosition } from '../../model/delivery.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import type { NumberedAlertEvent, RecordStore } from '../../store/records.ts'

let folder: string
let file: string
let store: RecordStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'affluent-records-'))
  file = join(folder, 'records.sqlite')
  store = openRecordStore({ file })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

function alert(id: string, firedAt: number, more: Partial<Alert> = {}): Alert {
  const message = { fr: 'Chaussée à −2,5 °C', en: 'Road at −2.5 °C' }
  const base = { id, rule: 'frost', point: 'rd-1/meteo/surface', site: 'rd-1', severity: 'critical' as const }
  return {
    ...base,
    state: 'firing',
    since: firedAt - 60_000,
    firedAt,
    value: -2.5,
    lastValue: null,
    message,
    ...more,
  }
}

function numbered(number: number, type: AlertEvent['type'], time: number, of: Alert): NumberedAlertEvent {
  return { sender: 'rules', run: 'r1', number, event: { type, time, actor: 'rules', alert: of } }
}

function position(upTo: number): StreamPosition {
  return { sender: 'rules', stream: 'alerts', run: 'r1', upTo, ranges: [[9, 10]] }
}

const fired = numbered(1, 'fired', 1_000, alert('a', 1_000))
const acknowledged = numbered(
  2,
  'acknowledged',
  2_000,
  alert('a', 1_000, { state: 'acknowledged', acknowledgedBy: 'Zoé' }),
)
const resolved = numbered(3, 'resolved', 3_000, alert('a', 1_000, { state: 'resolved', resolvedAt: 3_000 }))

test('what is written of alerts is in the log, which `synced` brings to the disk', async () => {
  const handle = await open(file)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const synced: string[] = []
  const { sync } = prototype
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
    synced.push(readlinkSync(`/proc/self/fd/${this.fd}`))
    return sync.call(this)
  })
  onTestFinished(() => spy.mockRestore())
  store.writeAlertEvents([fired], position(1))
  await store.synced()
  expect(synced).toEqual([expect.stringMatching(/records\.sqlite-wal$/)])
})

test('keeps events in order and the alert as the newest left it, also after a restart', () => {
  store.writeAlertEvents([fired, acknowledged], position(2))
  store.close()
  store = openRecordStore({ file })
  expect(store.alertEvents('a')).toEqual([fired.event, acknowledged.event])
  expect(store.alert('a')).toEqual(acknowledged.event.alert)
  expect(store.positions()).toEqual([position(2)])
  expect(store.alert('nobody')).toBeUndefined()
  expect(store.alertEvents('nobody')).toEqual([])
})

test('changes nothing when an event is repeated, even with other content', () => {
  store.writeAlertEvents([fired, acknowledged], position(2))
  const altered = numbered(2, 'resolved', 9_000, alert('a', 1_000, { state: 'resolved' }))
  store.writeAlertEvents([fired, altered], position(2))
  expect(store.alertEvents('a')).toHaveLength(2)
  expect(store.alert('a')!.state).toBe('acknowledged')
})

test('an event that another sender tells again is not another one', () => {
  expect(store.writeAlertEvents([fired], position(1))).toEqual([fired.event])
  const again = [fired, acknowledged].map((event, i) => ({ ...event, sender: 'rules-b', number: i + 1 }))
  const elsewhere = { ...position(2), sender: 'rules-b' }
  expect(store.writeAlertEvents(again, elsewhere)).toEqual([acknowledged.event])
  expect(store.writeAlertEvents([acknowledged], position(2))).toEqual([])
  expect(store.alertEvents('a')).toEqual([fired.event, acknowledged.event])
})

test('an alert that worsens is acknowledged a second time, and ends once', () => {
  const change = (at: number) => ({ change: { type: 'worsened', number: 1, time: at } }) as const
  const worsened = numbered(3, 'worsened', 3_000, alert('a', 1_000, change(3_000)))
  const again = numbered(
    4,
    'acknowledged',
    4_000,
    alert('a', 1_000, { state: 'acknowledged', ...change(3_000) }),
  )
  const end = numbered(5, 'resolved', 5_000, alert('a', 1_000, { state: 'resolved', ...change(3_000) }))
  const all = [fired, acknowledged, worsened, again, end]
  expect(store.writeAlertEvents(all, position(5))).toHaveLength(5)
  const elsewhere = all.map((event, i) => ({ ...event, sender: 'rules-b', number: i + 1 }))
  const otherEnd = { ...resolved, sender: 'rules-b', number: 6 }
  expect(store.writeAlertEvents([...elsewhere, otherEnd], { ...position(6), sender: 'rules-b' })).toEqual([])
  expect(store.alert('a')!.state).toBe('resolved')
})

test('does not let a late older event bring back an older state', () => {
  store.writeAlertEvents([resolved], position(0))
  store.writeAlertEvents([fired, acknowledged], position(3))
  expect(store.alert('a')!.state).toBe('resolved')
  expect(store.alertEvents('a').map(({ type }) => type)).toEqual(['fired', 'acknowledged', 'resolved'])
})

test('orders events of one millisecond by their number', () => {
  const first = numbered(11, 'fired', 5_000, alert('b', 5_000))
  const second = numbered(12, 'resolved', 5_000, alert('b', 5_000, { state: 'resolved' }))
  store.writeAlertEvents([second], position(0))
  store.writeAlertEvents([first], position(12))
  expect(store.alertEvents('b')).toEqual([first.event, second.event])
  expect(store.alert('b')!.state).toBe('resolved')
})

test('lists alerts newest first, by state and by site', () => {
  store.writeAlertEvents(
    [
      resolved,
      numbered(4, 'fired', 4_000, alert('b', 4_000)),
      numbered(5, 'acknowledged', 5_000, alert('c', 3_500, { state: 'acknowledged', site: 'rd-2' })),
    ],
    position(5),
  )
  const ids = (filter: Parameters<RecordStore['alerts']>[0]) => store.alerts(filter).map(({ id }) => id)
  expect(ids({ limit: 10 })).toEqual(['b', 'c', 'a'])
  expect(ids({ limit: 2 })).toEqual(['b', 'c'])
  expect(ids({ state: 'active', limit: 10 })).toEqual(['b', 'c'])
  expect(ids({ state: 'resolved', limit: 10 })).toEqual(['a'])
  expect(ids({ state: 'active', site: 'rd-2', limit: 10 })).toEqual(['c'])
})

test('writes all events and the position, or none', () => {
  const broken = { ...acknowledged, number: 0.5 }
  expect(() => store.writeAlertEvents([fired, broken], position(2))).toThrow()
  expect(store.alertEvents('a')).toEqual([])
  expect(store.alert('a')).toBeUndefined()
  expect(store.positions()).toEqual([])
  store.writeAlertEvents([], position(1))
  expect(store.positions()).toEqual([position(1)])
})

test('spends a token once, and never one that is revoked or out of date', () => {
  const holder = { actor: 'admin', role: 'administrator' as const }
  const token = { hash: 'h1', ...holder, scope: 'link' as const, createdAt: 1 }
  store.addToken({ id: 't1', ...token, expiresAt: 100 })
  store.addToken({ id: 't2', ...token, hash: 'h2', expiresAt: 100 })
  store.addToken({ id: 't3', ...token, hash: 'h3' })
  expect([store.spendToken('t1', 50), store.spendToken('t1', 50)]).toEqual([true, false])
  expect(store.spendToken('t2', 100)).toBe(false)
  expect([store.revokeToken('t3', 60), store.revokeToken('t3', 61)]).toEqual([true, false])
  expect(store.spendToken('t3', 70)).toBe(false)
  expect(store.spendToken('nobody', 70)).toBe(false)
  const common = { ...holder, scope: 'link', createdAt: 1 }
  expect(store.findToken('h1')).toEqual({ id: 't1', ...common, expiresAt: 100, spentAt: 50 })
  expect(store.findToken('h3')).toEqual({ id: 't3', ...common, revokedAt: 60 })
  expect(store.findToken('nothing')).toBeUndefined()
  expect(store.tokens().map(({ id }) => id)).toEqual(['t1', 't2', 't3'])
  expect(() => store.addToken({ id: 't4', ...token })).toThrow()
})

test('keeps the audit, newest first', () => {
  const entry = (time: number) => ({ time, actor: 'Zoé', action: 'acknowledge', target: `alert-${time}` })
  for (const time of [1, 2, 2, 3]) store.audit(entry(time))
  expect(store.auditEntries(3)).toEqual([entry(3), entry(2), entry(2)])
})

test('refuses a file of a newer version, or one that is no database, by name', () => {
  store.close()
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 99')
  database.close()
  expect(() => openRecordStore({ file })).toThrow(/records\.sqlite was written by a newer version.*schema 99/)
  const folderInItsPlace = folder
  expect(() => openRecordStore({ file: folderInItsPlace })).toThrow(folder)
  rmSync(file)
  store = openRecordStore({ file })
})

test('makes the folder of its file, as for a token that is made before the first start', () => {
  const first = openRecordStore({ file: join(folder, 'data', 'records.sqlite') })
  expect(first.tokens()).toEqual([])
  first.close()
})
