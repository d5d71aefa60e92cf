import { connect as connectSocket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import { generate } from 'mqtt-packet'
import { topics } from '../../bus/topics.ts'
import type { Step } from './plan.ts'
import { GATEWAY } from './territory.ts'
import type { World } from './world.ts'

/** Lets a plan happen, then puts everything in order again. */
export async function perform(world: World, plan: readonly Step[]): Promise<void> {
  const { disturbances } = world
  /** How many steps hold a link in its fault. */
  const holds = new Map<string, number>()

  async function kill(name: string, backAfter: number): Promise<void> {
    const from = Date.now()
    const part = world.part(name)
    await part.kill()
    await pause(backAfter)
    await part.start()
    if (name === 'gateway') disturbances.push({ from, to: Date.now() })
  }

  async function run(step: Step): Promise<void> {
    await pause(step.at)
    if ('kill' in step) await kill(step.kill, step.backAfter)
    else if ('link' in step) {
      const link = world.links.get(step.link)!
      const from = Date.now()
      holds.set(step.link, (holds.get(step.link) ?? 0) + 1)
      link.fail(step.fault)
      await pause(step.for)
      holds.set(step.link, holds.get(step.link)! - 1)
      if (holds.get(step.link) === 0) link.heal()
      if (step.link === 'gateway-device') disturbances.push({ from, to: Date.now() })
    } else if ('poison' in step) await publish(world.brokerPort, step.poison)
    else await listenWithoutReading(world.brokerPort, step.for)
  }

  const ended = await Promise.allSettled(plan.map(run))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

/** A message on the topic of the gateway's readings; where the broker is away, there is none. */
async function publish(port: number, payload: string): Promise<void> {
  const client: MqttClient = connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 1000 })
  client.on('error', () => {})
  const over = new Promise<void>(resolve => client.once('close', resolve))
  client.once('connect', () =>
    client.publish(topics.readings(GATEWAY), payload, { qos: 1 }, () => client.end()),
  )
  await Promise.race([over, pause(1000)])
  client.end(true)
}

async function listenWithoutReading(port: number, ms: number): Promise<void> {
  const socket = connectSocket(port, '127.0.0.1')
  socket.on('error', () => {})
  const clientId = `deaf-${Date.now()}`
  socket.write(
    generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean: true, keepalive: 0 }),
  )
  const subscriptions = [{ topic: '#', qos: 1 as const }]
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }))
  socket.pause()
  await pause(ms)
  socket.destroy()
}
