import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ControlAnswer, type ControlRequest, controlSocket, readLines } from './protocol.ts'
import type { OperationContext } from './server.ts'

/** A connection to the hub that runs on a data folder, or undefined where none does. */
export async function reachHub(folder: string): Promise<Socket | undefined> {
  const socket = connect(controlSocket(folder))
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    // Nobody listens: no file, or one that a killed hub has left.
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw new Error(`the hub of ${folder} cannot be asked: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Has the hub do something and passes its progress on. A signal that aborts ends it there too.
 * @throws what the hub says went wrong, or that it ended meanwhile
 */
export async function askHub(
  socket: Socket,
  operation: string,
  args: unknown,
  { progress, signal }: OperationContext,
): Promise<unknown> {
  const answered = Promise.withResolvers<unknown>()
  const take = readLines(message => {
    const answer = message as ControlAnswer
    if ('progress' in answer) progress(answer.progress.step, answer.progress.done)
    else if ('result' in answer) answered.resolve(answer.result)
    else answered.reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }))
  })
  const abandon = () => {
    socket.destroy()
    answered.reject(signal.reason)
  }
  signal.addEventListener('abort', abandon)
  socket.setEncoding('utf8')
  socket.on('data', take)
  socket.once('error', error => answered.reject(error))
  socket.once('close', () => answered.reject(new Error('the hub ended before it had answered')))
  socket.write(`${JSON.stringify({ operation, args } satisfies ControlRequest)}\n`)
  try {
    return await answered.promise
  } finally {
    signal.removeEventListener('abort', abandon)
    socket.destroy()
  }
}
