import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { checkFolder } from '../../archive/check.ts'
import type { Alert } from '../../model/alert.ts'
import type { StreamPosition } from '../../model/delivery.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import type { NumberedAlertEvent } from '../../store/records.ts'
import { temporaryFolder } from '../bus/fixtures.ts'

const position: StreamPosition = { sender: 'rules', stream: 'alerts', run: 'r1', upTo: 1, ranges: [] }
function fired(number: number): NumberedAlertEvent {
  const alert: Alert = {
    ...{
      id: `frost-${number}`,
      rule: 'frost',
      point: 'rd-1/meteo/surface',
      site: 'rd-1',
      severity: 'critical',
    },
    ...{ state: 'firing', since: number, firedAt: number, value: -1, lastValue: -1 },
    message: { fr: 'Gel', en: 'Frost' },
  }
  return { sender: 'rules', run: 'r1', number, event: { type: 'fired', time: number, actor: 'rules', alert } }
}

/** A data folder with some alert events, in one order of arrival, and the head of their chain. */
function written(...numbers: number[]) {
  const folder = temporaryFolder()
  const file = join(folder, 'records.sqlite')
  const store = openRecordStore({ file })
  for (const number of numbers) store.writeAlertEvents([fired(number)], position)
  const head = store.alertChain()
  store.close()
  return { folder, file, head }
}
const problems = async (folder: string) =>
  (await checkFolder({ folder, full: false, onProgress: () => {}, signal: AbortSignal.timeout(30_000) })).map(
    ({ problem }) => problem,
  )
function change(file: string, sql: string) {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

test('each event is sealed with all that came before it, as anybody can compute', () => {
  const { head } = written(2, 1)
  let hash = '0'.repeat(64)
  for (const number of [2, 1]) {
    const row = JSON.stringify([hash, 'rules', 'r1', number, JSON.stringify(fired(number).event)])
    hash = createHash('sha256').update(row).digest('hex')
  }
  expect(head).toEqual({ length: 2, hash })
})

test('a repeat seals nothing, and it goes on after a restart', () => {
  const { file, head } = written(1, 2)
  const store = openRecordStore({ file })
  store.writeAlertEvents([fired(2)], position)
  expect(store.alertChain()).toEqual(head)
  store.writeAlertEvents([fired(3)], position)
  expect(store.alertChain()).toEqual(written(1, 2, 3).head)
  store.close()
})

test.each([
  [
    'changed',
    `UPDATE alert_event SET event = replace(event, '"value":-1', '"value":5') WHERE number = 2`,
    'alert event 2 (frost-2) is not as it was sealed',
  ],
  ['taken out', 'DELETE FROM alert_event WHERE number = 2', 'event 2 was taken out of the chain'],
  [
    'put in',
    `INSERT INTO alert_event (sender, run, number, alert, time, event) VALUES ('x', 'y', 9, 'frost-9', 9, '{}')`,
    'an alert event (frost-9) was put in beside the chain',
  ],
  [
    'told at another time',
    `UPDATE alert_event SET position = CASE position WHEN 1 THEN -2 ELSE -1 END WHERE position < 3; UPDATE alert_event SET position = -position WHERE position < 0`,
    'alert event 1 (frost-2) is not as it was sealed',
  ],
])('what was %s is found by a check of the folder', async (_how, sql, problem) => {
  const { folder, file } = written(1, 2, 3)
  expect(await problems(folder)).toEqual([])
  change(file, sql)
  expect(await problems(folder)).toEqual([problem])
})

test('the last event cannot be taken out without the head that was kept elsewhere showing it', async () => {
  const { folder, file, head } = written(1, 2, 3)
  change(file, 'DELETE FROM alert_event WHERE number = 3')
  expect(await problems(folder)).toEqual([])
  const store = openRecordStore({ file })
  expect(store.alertChain().length).toBeLessThan(head.length)
  store.close()
})

test('the events of an earlier version are sealed when its file is opened, in the order in which they came', async () => {
  const { folder, file, head } = written(2, 1)
  change(
    file,
    `DROP INDEX alert_event_by_position; DROP INDEX alert_event_by_time; DROP INDEX winter_entry_by_alert; ALTER TABLE alert_event DROP COLUMN position;
     ALTER TABLE alert_event DROP COLUMN hash; ALTER TABLE token DROP COLUMN role; DROP TABLE push_subscription; PRAGMA user_version = 1`,
  )
  expect(await problems(folder)).toEqual([])
  const store = openRecordStore({ file })
  expect(store.alertChain()).toEqual(head)
  store.close()
  expect(await problems(folder)).toEqual([])
})
