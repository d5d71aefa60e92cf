import { expect, it, onTestFinished } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { statusWill } from '../../bus/sender.ts'
import { openShare, type Share } from '../../bus/share.ts'
import { topics } from '../../bus/topics.ts'
import type { ShareStatus } from '../../model/delivery.ts'
import { until } from '../e2e/until.ts'
import { recordingLog, silentLog, systemClock } from './fixtures.ts'

const timing = { beatMs: 50, leaseMs: 400, goneAfterMs: 800, listenMs: 120, settleMs: 20 }
const keys = Array.from({ length: 200 }, (_, i) => `gw-${i}`)

async function startMembers() {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  onTestFinished(() => broker.close())
  const working = new Map<string, string>()
  const clashes: string[] = []

  /** A member that notes what it works on, and complains when it meets another there. */
  async function join(member: string, { slowMs = 0, exclusive = false, log = silentLog } = {}) {
    const offline = { sender: member, role: 'ingest', registry: '', time: 0 }
    const bus = await connectBus({
      url: broker.url,
      clientId: `${member}-${Math.random()}`,
      will: statusWill(offline),
      log,
    })
    const clock = systemClock
    const share: Share = openShare({ bus, role: 'ingest', member, exclusive, clock, log, timing })
    let muted = false
    await share.join({
      announce(status: ShareStatus) {
        const full = { version: 1, ...offline, online: true, share: status }
        if (!muted) bus.publish(topics.status(member), JSON.stringify(full), { retain: true }).catch(() => {})
      },
      async letGo(hurried) {
        if (!hurried) await new Promise(resolve => setTimeout(resolve, slowMs))
        for (const [key, owner] of working) if (owner === member && !share.owns(key)) working.delete(key)
      },
      async takeOn() {},
      begin(gained) {
        for (const key of keys.filter(gained)) {
          if (working.has(key)) clashes.push(`${member} finds ${working.get(key)} at ${key}`)
          working.set(key, member)
        }
      },
    })
    const end = async () => {
      await share.close()
      for (const [key, owner] of working) if (owner === member) working.delete(key)
      await bus.publish(topics.status(member), statusWill(offline).payload, { retain: true }).catch(() => {})
      await bus.close()
    }
    onTestFinished(end)
    return {
      share,
      end,
      mute() {
        muted = true
      },
    }
  }
  const workers = () => [...new Set(working.values())].sort()
  const all = (...members: string[]) =>
    until(
      () => ({ count: working.size, members: workers() }),
      ({ count, members: found }) => count === keys.length && found.join() === members.join(),
    )
  return { broker, join, all, working, clashes }
}

it('those who come get their part once the others have let go of it, and it goes back when they leave', async () => {
  const { join, all, clashes } = await startMembers()
  await join('ingest-a', { slowMs: 400 })
  await all('ingest-a')
  const b = await join('ingest-b')
  await all('ingest-a', 'ingest-b')
  await join('ingest-c', { slowMs: 50 })
  await all('ingest-a', 'ingest-b', 'ingest-c')
  await b.end()
  await all('ingest-a', 'ingest-c')
  expect(clashes).toEqual([])
})

it('one whose word does not come through lets go before the others take over', async () => {
  const { join, all, clashes } = await startMembers()
  await join('ingest-a')
  const b = await join('ingest-b')
  await all('ingest-a', 'ingest-b')
  b.mute()
  await until(
    () => b.share.holds(),
    holds => !holds,
  )
  expect(keys.some(b.share.owns)).toBe(false)
  await all('ingest-a')
  expect(clashes).toEqual([])
})

it('where one is to work alone, others wait until it is gone', async () => {
  const { join, all, working, clashes } = await startMembers()
  const a = await join('ingest-a', { exclusive: true })
  await all('ingest-a')
  const b = await join('ingest-b', { exclusive: true })
  await b.share.listened
  expect(b.share.others()).toEqual(['ingest-a'])
  expect(new Set(working.values())).toEqual(new Set(['ingest-a']))
  await a.end()
  await all('ingest-b')
  expect(clashes).toEqual([])
})

it('two processes of one name are told apart, and said so', async () => {
  const { join, all } = await startMembers()
  await join('ingest-a')
  await all('ingest-a')
  const { log, lines } = recordingLog()
  await join('ingest-a', { log })
  await until(
    () => lines.join(''),
    text => text.includes('another process has the same name'),
  )
})
