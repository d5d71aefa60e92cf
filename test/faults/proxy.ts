import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { repeatPublishes } from './mqtt-stream.ts'

/** What a network between two processes does. */
export const NETWORK_FAULTS = ['cut', 'slow', 'half-open', 'duplicate'] as const
/**
 * `cut`: connections end and none is taken; `slow`: every piece is held up, in order; `half-open`: connections
 * stand and are taken, and whatever is sent is swallowed; `duplicate`: every MQTT publish packet comes twice,
 * the second time marked as a repetition (MQTT 3.1.1, 3.3.1.1), as after an acknowledgement that was lost.
 */
export type NetworkFault = (typeof NETWORK_FAULTS)[number]

export interface Link {
  readonly port: number
  /** Until it is healed; what was swallowed or cut is not made up for, and its connections end. */
  fail(fault: NetworkFault): void
  heal(): void
  close(): Promise<void>
}

const SLOW_MS = 150

/** Stands between two processes and passes on what they send, until it is told to fail. */
export async function startProxy(options: { to: number; mqtt: boolean }): Promise<Link> {
  const pairs = new Set<[Socket, Socket]>()
  let fault: NetworkFault | undefined

  function end(pair: [Socket, Socket]): void {
    pairs.delete(pair)
    for (const socket of pair) socket.destroy()
  }

  function pass(from: Socket, to: Socket): void {
    const cutPackets = options.mqtt ? repeatPublishes() : (bytes: Buffer) => [bytes]
    let slow = Promise.resolve()
    let held = 0
    const send = (bytes: Buffer) => {
      if (!to.destroyed && to.writable) to.write(bytes)
    }
    from.on('data', (bytes: Buffer) => {
      const pieces = cutPackets(bytes, fault === 'duplicate')
      if (fault === 'half-open') return
      if (fault !== 'slow' && held === 0) {
        for (const piece of pieces) send(piece)
        return
      }
      held++
      const due = new Promise<void>(resolve => setTimeout(resolve, SLOW_MS))
      slow = slow.then(async () => {
        await due
        held--
        for (const piece of pieces) send(piece)
      })
    })
  }

  const server = createServer(near => {
    near.on('error', () => {})
    if (fault === 'cut') {
      near.destroy()
      return
    }
    const far = connect(options.to, '127.0.0.1')
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    far.on('error', () => {})
    for (const socket of pair) socket.setNoDelay(true).on('close', () => end(pair))
    pass(near, far)
    pass(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    fail(next) {
      // No connection goes on over bytes that are missing.
      if (next === 'cut' || fault === 'half-open') for (const pair of [...pairs]) end(pair)
      fault = next
    },
    heal() {
      if (fault === 'half-open') for (const pair of [...pairs]) end(pair)
      fault = undefined
    },
    async close() {
      for (const pair of [...pairs]) end(pair)
      server.close()
      await once(server, 'close')
    },
  }
}
