import { once } from 'node:events'
import { createServer, globalAgent, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { request } from '../../../rules/notify/request.ts'

let server: Server
let url: string
/** Each request that arrived: which connection it came on, and how many had come on it before. */
let arrived: { connection: number; before: number }[]
/** Whether a connection is cut at its next request, as by a receiver that has just given it up. */
let cut: (arrival: { connection: number; before: number }) => boolean

beforeEach(async () => {
  const connections = new Map<Socket, number>()
  arrived = []
  cut = () => false
  server = createServer((incoming, response) => {
    const { socket } = incoming
    if (!connections.has(socket)) connections.set(socket, connections.size)
    const connection = connections.get(socket)!
    const arrival = { connection, before: arrived.filter(each => each.connection === connection).length }
    arrived.push(arrival)
    if (cut(arrival)) socket.destroy()
    else incoming.resume().on('end', () => response.end('a body that nobody reads'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})
afterEach(() => {
  server.closeAllConnections()
  return new Promise(resolve => server.close(resolve))
})

const send = () =>
  request(
    url,
    { method: 'POST', headers: {}, body: 'x' },
    { timeout: 5000, signal: new AbortController().signal },
  )
/** Sends, and waits until the answer is read, too: then its connection is free for the next request. */
async function sendAndRead() {
  const free = once(globalAgent, 'free')
  await send()
  await free
}

test('a connection is kept open for the next request', async () => {
  for (let i = 0; i < 3; i++) await sendAndRead()
  expect(arrived).toEqual([0, 1, 2].map(before => ({ connection: 0, before })))
})

test('one that the receiver has closed meanwhile is replaced at once', async () => {
  cut = ({ before }) => before > 0
  await sendAndRead()
  expect(await send()).toBe('answered with status 200')
  expect(arrived).toEqual([
    { connection: 0, before: 0 },
    { connection: 0, before: 1 },
    { connection: 1, before: 0 },
  ])
})

test('a new one that is closed without an answer has failed', async () => {
  cut = () => true
  await expect(send()).rejects.toThrow(/^ECONNRESET$/)
  expect(arrived).toHaveLength(1)
})
