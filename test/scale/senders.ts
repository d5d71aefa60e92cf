import { connectBus } from '../../bus/client.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { startSender, statusWill } from '../../bus/sender.ts'
import type { Reading } from '../../model/reading.ts'
import { silentLog, systemClock } from '../bus/fixtures.ts'
import { pointOf } from './territory.ts'

const limits = { acknowledgementTimeoutMs: 1000, longestTimeoutMs: 2000 }

/** The gateways of some schools, as far as the hub can tell: each sends a reading every few ms from its outbox. */
export async function startSenders(
  schools: readonly string[],
  url: string | readonly string[],
  folder: string,
) {
  const sent = new Map<string, Reading[]>(schools.map(school => [school, []]))
  const parts = await Promise.all(
    schools.map(async school => {
      const sender = `gw-${school}`
      const outbox = await openOutbox<Reading>({
        folder: `${folder}/${sender}`,
        stream: 'measures',
        log: silentLog,
      })
      const role = { sender, role: 'gateway', registry: '', time: 0 }
      const bus = await connectBus({ url, clientId: sender, will: statusWill(role), log: silentLog })
      const parts = { sender, role: 'gateway', bus, outboxes: [outbox], clock: systemClock, log: silentLog }
      return { school, outbox, bus, sender: startSender({ ...parts, limits }) }
    }),
  )
  let value = (_school: string) => 20
  let last = Date.now()
  const timer = setInterval(() => {
    const time = Math.max(last + 1, Date.now())
    last = time
    for (const { school, outbox } of parts) {
      const reading: Reading = {
        point: pointOf(school),
        time,
        value: value(school) + (sent.get(school)!.length % 100) / 100,
        quality: 'good',
        gatewayTime: time,
      }
      outbox.append([reading])
      sent.get(school)!.push(reading)
    }
  }, 20)
  return {
    sent,
    /** What a school's sensor says from now on, without its hundredths. */
    say(next: (school: string) => number) {
      value = next
    },
    stop: () => clearInterval(timer),
    drained: (ms: number) => Promise.all(parts.map(({ sender }) => sender.drained(ms))),
    async close() {
      clearInterval(timer)
      for (const { sender, bus, outbox } of parts) {
        await sender.close()
        await bus.close()
        await outbox.close()
      }
    },
  }
}
