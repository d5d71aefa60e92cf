import { once } from 'node:events'
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import type { Logger } from 'pino'
import { reachHub } from './client.ts'
import { type ControlAnswer, type ControlRequest, controlSocket, readLines } from './protocol.ts'

export interface OperationContext {
  /** Tells a step as it begins, and how far it is, 0 to 1, where that is known. */
  progress(step: string, done?: number): void
  /** Aborts when whoever asked is gone, or the hub stops. */
  signal: AbortSignal
}

export type RunOperation = (name: string, args: unknown, context: OperationContext) => Promise<unknown>

/**
 * Listens on the control socket of a data folder for commands that need what this process owns. Where another
 * process of the same folder does already, or the system has no such sockets, this one does without.
 */
export async function startControl(options: {
  folder: string
  run: RunOperation
  log: Logger
}): Promise<{ close(): Promise<void> }> {
  const { folder, run, log } = options
  const path = controlSocket(folder)
  const underWay = new Set<Promise<void>>()
  const ending = new AbortController()
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    const gone = new AbortController()
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      gone.abort()
    })
    const signal = AbortSignal.any([gone.signal, ending.signal])
    const take = readLines(request => {
      const work = answer(socket, request as ControlRequest, signal)
      underWay.add(work)
      work.finally(() => underWay.delete(work))
    })
    socket.on('data', (chunk: string) => {
      try {
        take(chunk)
      } catch (error) {
        log.warn({ error: (error as Error).message }, 'a request on the control socket cannot be read')
        socket.destroy()
      }
    })
  })

  async function answer(socket: Socket, { operation, args }: ControlRequest, signal: AbortSignal) {
    const say = (message: ControlAnswer) => socket.writable && socket.write(`${JSON.stringify(message)}\n`)
    try {
      const progress = (step: string, done?: number) => void say({ progress: { step, done } })
      say({ result: await run(operation, args, { progress, signal }) })
    } catch (error) {
      const { name, message } = error as Error
      log.warn({ err: error, operation }, 'a command failed')
      say({ error: { name, message } })
    }
    socket.end()
  }

  try {
    const other = await reachHub(folder)
    if (other) {
      other.destroy()
      throw new Error('another process of this data folder listens there')
    }
    await rm(path, { force: true })
    server.listen(path)
    await once(server, 'listening')
    await chmod(path, 0o600)
  } catch (error) {
    log.warn({ path, error: (error as Error).message }, 'no control socket: commands cannot ask this process')
    return { close: async () => {} }
  }

  return {
    async close() {
      ending.abort()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      await Promise.allSettled(underWay)
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
