import { copyFileSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { AlertEvent } from '../../../model/alert.ts'
import { type Deliveries, type Delivery, openDeliveries } from '../../../rules/notify/deliveries.ts'
import { openLinks } from '../../../rules/notify/links.ts'
import { type Notify, startNotify } from '../../../rules/notify/notify.ts'
import { openPhones } from '../../../rules/notify/phones.ts'
import { openRecordStore } from '../../../store/records/record-store.ts'
import { temporaryFolder } from '../../bus/fixtures.ts'
import { closeLater } from '../../close-later.ts'
import { type Choices, startChoices } from '../../random.ts'
import { startHub } from '../hub.ts'
import { FROST, MIN, runningClock, START, SURFACE, testRegistry, until } from '../territory.ts'

/** What becomes of what SQLite has not synced: of its log a part in order, torn at its end, or any sectors of it. */
const FATES = ['all', 'none', 'prefix', 'sectors'] as const
type Fate = (typeof FATES)[number]
const SECTOR = 512
const FILE = 'deliveries.sqlite'

const walOf = (folder: string) => readFileSync(join(folder, `${FILE}-wal`))

/**
 * How much of the log of a memory is certain to be on the disk, bytes: all that was written when SQLite was last told to
 * sync each commit. A checkpoint, which syncs all, comes later than this test ends.
 */
function watchSyncs(folder: string): { readonly durable: number } {
  const file = realpathSync(folder) + sep + FILE
  const { exec } = DatabaseSync.prototype
  let isSyncing = false
  let durable = 0
  const spy = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    if (this.location() === file) {
      if (isSyncing && sql.includes('synchronous = NORMAL')) durable = walOf(folder).length
      if (/synchronous = (?:FULL|NORMAL)/.test(sql)) isSyncing = sql.includes('FULL')
    }
    exec.call(this, sql)
  })
  onTestFinished(() => spy.mockRestore())
  return {
    get durable() {
      return durable
    },
  }
}

/** The memory as a disk may hold it after a power cut, of which the first bytes of the log are certain. */
function cut(folder: string, durable: number, fate: Fate, choices: Choices): string {
  const left = temporaryFolder()
  copyFileSync(join(folder, FILE), join(left, FILE))
  const wal = walOf(folder)
  const loose = wal.length - durable
  if (fate === 'sectors')
    for (let at = durable; at < wal.length; at += SECTOR)
      if (choices.chance(0.5)) wal.fill(0, at, Math.min(at + SECTOR, wal.length))
  const length = {
    all: wal.length,
    none: durable,
    prefix: durable + choices.below(loose + 1),
    sectors: wal.length,
  }
  writeFileSync(join(left, `${FILE}-wal`), wal.subarray(0, length[fate]))
  return left
}

const event = (id: string, type: AlertEvent['type'] = 'fired', time = START): AlertEvent => ({
  ...{ type, time, actor: type === 'acknowledged' ? 'nadia' : 'rules' },
  alert: {
    ...{ id, rule: 'frost', point: SURFACE, site: 'col-du-loup', severity: 'critical', since: START },
    ...{
      state: type === 'fired' ? 'firing' : (type as 'acknowledged'),
      firedAt: START,
      value: -1,
      lastValue: -1,
    },
    message: { fr: `Gel ${id}`, en: `Frost ${id}` },
  },
})

/** What is remembered, as text. */
const contentOf = (deliveries: Deliveries, numbers: readonly number[]) =>
  JSON.stringify({
    waiting: deliveries.waiting(),
    notices: numbers.map(number => deliveries.notice({ number })).filter(notice => notice !== undefined),
    unanswered: deliveries.unanswered.list(),
  })

describe('after a power cut', () => {
  it.each([1, 2])('the memory is that of an earlier moment, and gives no number again: life %s', seed => {
    const choices = startChoices(seed)
    const folder = temporaryFolder()
    const disk = watchSyncs(folder)
    const deliveries = openDeliveries(folder, START)
    const given: number[] = []
    const contents = new Set([contentOf(deliveries, given)])
    const open: Delivery[] = []
    for (let step = 0; step < 25; step++) {
      const about = event(`a${choices.below(20)}`, choices.pick(['fired', 'acknowledged']), START + step)
      // Once, more than are reserved at a time.
      const isLarge = step === 12
      const count = isLarge ? 150 : 2
      const channels = Array.from({ length: count }, (_, i) => ({ channel: `c${i}` }))
      if (!isLarge && choices.chance(0.4)) deliveries.unanswered.note(about)
      else if (isLarge || choices.chance(0.6)) {
        const added = deliveries.add(about, channels)
        open.push(...added)
        given.push(...added.map(({ number }) => number))
      } else if (open.length > 0)
        deliveries.settle(open.shift()!, { outcome: 'delivered', time: START + step, receipt: 'logged' })
      contents.add(contentOf(deliveries, given))
      for (const fate of FATES) {
        const left = cut(folder, disk.durable, fate, choices)
        const after = openDeliveries(left, START + 1000)
        expect(contents).toContain(contentOf(after, given))
        expect(after.began).toBe(START)
        const [next] = after.add(event('next'), [{ channel: 'c' }])
        expect(next!.number).toBeGreaterThan(Math.max(0, ...given))
        after.close()
        rmSync(left, { recursive: true })
      }
    }
    expect(Math.max(...given)).toBeGreaterThan(150)
    deliveries.close()
  })

  it('what the memory has lost is told again from the records, with the same key, and sealed each time', async () => {
    const hub = closeLater(await startHub())
    const registry = await testRegistry(
      [FROST.replace(/\}$/, ', channels: [journal] }')],
      ['{ id: journal, type: log }'],
    )
    const clock = runningClock()
    const folder = temporaryFolder()
    const disk = watchSyncs(folder)
    const records = closeLater(openRecordStore({ file: join(temporaryFolder(), 'records.sqlite') }))
    const told = () =>
      hub.log.lines.filter(({ channel }) => channel).map(({ alert, event }) => `${alert} ${event}`)
    const start = async (folder: string) => {
      const deliveries = openDeliveries(folder, clock.now())
      const links = openLinks(folder, number => deliveries.notice({ number }))
      const phones = openPhones({
        folder,
        registry,
        records: { pushSubscriptions: () => [], removePushSubscription() {} },
      })
      const { bus, log } = hub
      const notify = await startNotify({
        ...{ registry, bus, deliveries, links, phones, records, clock, log: log.log, tickMs: 5 },
        baseUrl: () => 'https://hub.example',
      })
      return { notify, close: () => notify.close().then(deliveries.close) }
    }
    let number = 0
    const happen = (notify: Notify, what: AlertEvent) => {
      number += 1
      const position = { sender: 'rules', stream: 'alerts', run: 'r', upTo: number, ranges: [] } as const
      records.writeAlertEvents([{ sender: 'rules', run: 'r', number, event: what }], {
        ...position,
        ranges: [],
      })
      notify.tell([what])
    }

    const first = await start(folder)
    for (const id of ['a', 'b', 'c']) happen(first.notify, event(id))
    happen(first.notify, event('b', 'acknowledged', START + MIN))
    const before = ['a fired', 'b fired', 'b acknowledged', 'c fired']
    await until(() => expect(told().sort()).toEqual(before.toSorted()))
    await until(() => expect(records.notifications('b')).toHaveLength(2))
    const left = cut(folder, disk.durable, 'none', startChoices(1))
    await first.close()

    hub.log.lines.length = 0
    const second = await start(left)
    happen(second.notify, event('d'))
    await until(() => expect(told().sort()).toEqual([...before, 'd fired'].sort()))
    const sealedOf = (id: string) => records.notifications(id).map(({ event }) => event)
    await until(() => expect(sealedOf('d')).toEqual(['fired']))
    expect(['a', 'b', 'c'].map(id => sealedOf(id).sort())).toEqual([
      ['fired', 'fired'],
      ['acknowledged', 'acknowledged', 'fired', 'fired'],
      ['fired', 'fired'],
    ])
    await second.close()

    hub.log.lines.length = 0
    const third = await start(left)
    happen(third.notify, event('e'))
    await until(() => expect(told()).toEqual(['e fired']))
    await third.close()
  })
})
