import { randomUUID } from 'node:crypto'
import { openConnection } from '../../bus/connection.ts'
import { readTls } from '../../bus/tls.ts'
import type { Channel } from '../../registry/schema.ts'
import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'
import { webhookBody } from './webhook.ts'

type MqttParameters = Extract<Channel, { type: 'mqtt' }>

/** Publishes an event as JSON, as a webhook gets it, with QoS 1 to a broker of the user's. */
export function mqttChannel(parameters: MqttParameters, hub: Hub): Send {
  const { topic, retain, timeout, username, password, tls } = parameters
  const url = new URL(parameters.url)
  return async (notices, signal) => {
    const message = messageOf(notices, hub)
    const body = JSON.stringify({ key: message.key, ...webhookBody(notices[0], message, hub) })
    const accepted = Promise.withResolvers<void>()
    const connection = openConnection(
      {
        ...{ url, clientId: `affluent-notify-${randomUUID().slice(0, 8)}`, tls: readTls(tls) },
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
      },
      {
        accepted: accepted.resolve,
        message() {},
        ended: cause => accepted.reject(cause ?? new Error('the broker has ended the connection')),
      },
    )
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    const cut = () => connection.cut(new Error('no answer in time'))
    limit.addEventListener('abort', cut)
    try {
      await accepted.promise
      await connection.publish(topic, body, retain)
      return 'acknowledged by the broker'
    } catch (error) {
      throw new Error(reasonOf(error))
    } finally {
      limit.removeEventListener('abort', cut)
      await connection.close()
    }
  }
}

/** Without an address; what the broker refuses is said in words of ours. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}
