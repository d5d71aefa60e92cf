import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkFolder } from '../../archive/check.ts'
import type { Alert, AlertEventType } from '../../model/alert.ts'
import type { WinterEntry, WinterRecord } from '../../model/winter-service.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import type { RecordStore } from '../../store/records.ts'
import { temporaryFolder } from '../bus/fixtures.ts'

let folder: string
let file: string
let store: RecordStore
beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'records.sqlite')
  store = openRecordStore({ file })
})
afterEach(() => store.close())

const by = { author: 'patrouilleur-1', received: 99 }
const seen = (id: string, time: number): WinterEntry => ({
  ...{ kind: 'condition', time, circuit: 'col', section: 'montee', condition: 'C2', phenomenon: 'ice' },
  ...{ id, ...by },
})
const decided = (id: string, time: number, alert?: string): WinterEntry => ({
  ...{ kind: 'decision', time, circuit: 'col', decision: 'treat', reason: 'Verglas', alert },
  ...{ id, ...by },
})
const corrected = (id: string, corrects: string, replacement?: WinterEntry): WinterEntry => {
  const { author: _, received: __, id: ___, ...fact } = replacement ?? {}
  return {
    ...{ kind: 'correction', time: 500, corrects, reason: 'Erreur', id, ...by },
    ...(replacement && { replacement: fact as never }),
  }
}
const ids = (records: WinterRecord[]) => records.map(record => record.map(({ event }) => event.id))

let number = 0
function tell(type: AlertEventType, id: string, time: number, more: Partial<Alert> = {}) {
  const alert: Alert = {
    ...{ id, rule: 'etat', point: 'rd-1/meteo/surface', site: 'rd-1', severity: 'critical', since: 1 },
    ...{ state: type === 'resolved' ? 'resolved' : 'firing', firedAt: 10, value: -1, lastValue: -1 },
    message: { fr: 'Verglas', en: 'Ice' },
    ...more,
  }
  number += 1
  const event = { type, time, actor: 'rules', alert }
  store.writeAlertEvents([{ sender: 'rules', run: 'r', number, event }], {
    ...{ sender: 'rules', stream: 'alerts', run: 'r', upTo: number, ranges: [] },
  })
}

async function problems() {
  const options = { folder, full: false, onProgress: () => {}, signal: AbortSignal.timeout(30_000) }
  return (await checkFolder(options)).map(({ problem }) => problem)
}
function change(sql: string) {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

test('entries are sealed among the alert events, each once, and what is wrong in a repeat changes nothing', async () => {
  tell('fired', 'gel-1', 10)
  const { sealed, added } = store.sealWinterEntry(seen('a', 20))
  expect([added, sealed.seal.position]).toEqual([true, 2])
  const head = store.alertChain()
  expect(head).toEqual({ length: 2, hash: sealed.seal.hash })
  expect(store.sealWinterEntry({ ...seen('a', 21) })).toEqual({ sealed, added: false })
  expect(store.alertChain()).toEqual(head)
  expect(store.winterRecord('a')).toEqual([sealed])
  expect(store.alertEvents('a')).toEqual([])
  expect(await problems()).toEqual([])
})

test('a record is found with all its corrections, wherever they put it, and each entry is corrected once', () => {
  store.sealWinterEntry(seen('a', 20))
  store.sealWinterEntry(seen('b', 300))
  store.sealWinterEntry(corrected('a-1', 'a', seen('', 120)))
  store.sealWinterEntry(corrected('a-2', 'a-1'))
  expect(store.sealWinterEntry(corrected('a-3', 'a')).sealed.event.id).toBe('a-1')
  expect(ids(store.winterRecords({ from: 0, to: 100 }))).toEqual([['a', 'a-1', 'a-2']])
  expect(ids(store.winterRecords({ from: 120, to: 121 }))).toEqual([['a', 'a-1', 'a-2']])
  expect(ids(store.winterRecords({ from: 0, to: 1000 }))).toEqual([['a', 'a-1', 'a-2'], ['b']])
})

test('the decisions that name an alert are found, however late, and by their correction', () => {
  store.sealWinterEntry(decided('a', 20, 'gel-1'))
  store.sealWinterEntry(decided('b', 30))
  store.sealWinterEntry(corrected('b-1', 'b', decided('', 30, 'gel-1')))
  store.sealWinterEntry(decided('c', 40, 'gel-2'))
  expect(ids(store.winterRecordsNaming('gel-1'))).toEqual([['a'], ['b', 'b-1']])
})

test('alert events are found by their time, and those of alerts that were live at an instant', () => {
  tell('fired', 'over', 10)
  tell('fired', 'live', 20)
  tell('resolved', 'over', 30)
  tell('worsened', 'live', 40, { change: { type: 'worsened', number: 1, time: 40 } })
  store.sealWinterEntry(seen('a', 25))
  const named = (events: ReturnType<RecordStore['sealedAlertEvents']>) =>
    events.map(({ event, seal }) => `${event.type} ${event.alert.id} ${seal.position}`)
  expect(named(store.sealedAlertEvents({ from: 20, to: 40 }))).toEqual(['fired live 2', 'resolved over 3'])
  expect(named(store.eventsOfAlertsLiveAt(25))).toEqual(['fired over 1', 'fired live 2'])
  expect(named(store.eventsOfAlertsLiveAt(35))).toEqual(['fired live 2'])
})

test.each([
  [
    'rewritten',
    `UPDATE alert_event SET event = replace(event, '"C2"', '"C1"') WHERE run = 'a'`,
    'winter-service entry 2 (a) is not as it was sealed',
  ],
  ['taken out', `DELETE FROM alert_event WHERE run = 'a'`, 'event 2 was taken out of the chain'],
  [
    'put in',
    `INSERT INTO alert_event (sender, run, number, alert, time, event) VALUES ('winter', 'x', 1, 'x', 9, '{}')`,
    'a winter-service entry (x) was put in beside the chain',
  ],
  [
    'moved to another night',
    `UPDATE alert_event SET time = 9000 WHERE run = 'a'`,
    'winter-service entry 2 (a) is kept where it would not be found',
  ],
  [
    'taken from its correction',
    `UPDATE alert_event SET alert = 'z' WHERE run = 'b'`,
    'winter-service entry 3 (b) is kept where it would not be found',
  ],
  [
    'moved, of an alert,',
    `UPDATE alert_event SET time = 9000 WHERE sender = 'rules'`,
    'alert event 1 (gel-1) is kept where it would not be found',
  ],
])('what was %s is named by a check of the folder', async (_how, sql, problem) => {
  tell('fired', 'gel-1', 10)
  store.sealWinterEntry(seen('a', 20))
  store.sealWinterEntry(corrected('b', 'a', seen('', 25)))
  store.sealWinterEntry(corrected('c', 'b'))
  expect(await problems()).toEqual([])
  change(sql)
  expect(await problems()).toEqual([problem])
})

test('records of the version before are opened, and keep their chain', async () => {
  tell('fired', 'gel-1', 10)
  const head = store.alertChain()
  store.close()
  change(`DROP INDEX alert_event_by_time; DROP INDEX winter_entry_by_alert;
    ALTER TABLE token DROP COLUMN role; DROP TABLE push_subscription; PRAGMA user_version = 2`)
  store = openRecordStore({ file })
  expect(store.alertChain()).toEqual(head)
  expect(store.sealWinterEntry(seen('a', 20)).sealed.seal.position).toBe(2)
  expect(await problems()).toEqual([])
})
