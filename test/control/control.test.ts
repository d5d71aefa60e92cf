import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askHub, reachHub } from '../../control/client.ts'
import { controlSocket } from '../../control/protocol.ts'
import { type OperationContext, type RunOperation, startControl } from '../../control/server.ts'

const log = pino({ level: 'silent' })
const quiet = (): OperationContext => ({ progress: () => {}, signal: new AbortController().signal })

let folder: string
const open: { close(): Promise<void> }[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-control-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(part => part.close()))
  await rm(folder, { recursive: true, force: true })
})

async function start(run: RunOperation) {
  const control = await startControl({ folder, run, log })
  open.push(control)
  return control
}

async function ask(operation: string, args: unknown, context = quiet()) {
  return askHub((await reachHub(folder))!, operation, args, context)
}

describe('the control socket', () => {
  it('has the hub do something, with its progress, and gives the result', async () => {
    await start(async (name, args, { progress }) => {
      progress('Counting', 0.5)
      return { name, args }
    })
    const steps: unknown[] = []
    const context = { ...quiet(), progress: (...step: unknown[]) => void steps.push(step) }
    expect(await ask('count', { of: 'readings — é' }, context)).toEqual({
      name: 'count',
      args: { of: 'readings — é' },
    })
    expect(steps).toEqual([['Counting', 0.5]])
  })

  it('gives an error as the hub says it, and goes on', async () => {
    await start(async name => {
      if (name === 'fail') throw new RangeError('meter 7 is not known')
      return 'done'
    })
    await expect(ask('fail', {})).rejects.toMatchObject({
      name: 'RangeError',
      message: 'meter 7 is not known',
    })
    expect(await ask('other', {})).toBe('done')
  })

  it('ends an operation whose command is gone', async () => {
    const ended = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    await start((_name, _args, { signal }) => {
      signal.addEventListener('abort', () => ended.resolve())
      begun.resolve()
      return ended.promise
    })
    const controller = new AbortController()
    const asked = ask('long', {}, { ...quiet(), signal: controller.signal })
    await begun.promise
    controller.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
    await ended.promise
  })

  it('ends an operation when the hub stops, and the command hears of it', async () => {
    const begun = Promise.withResolvers<void>()
    const control = await start(
      (_name, _args, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the hub stops')))
          begun.resolve()
        }),
    )
    const asked = ask('long', {})
    asked.catch(() => {})
    await begun.promise
    await control.close()
    await expect(asked).rejects.toThrow(/the hub (stops|ended)/)
    expect(await reachHub(folder)).toBeUndefined()
  })

  it('is its owner’s alone', async () => {
    await start(async () => {})
    expect((await stat(controlSocket(folder))).mode & 0o777).toBe(0o600)
  })

  it('takes the place of one that a killed hub has left', async () => {
    await writeFile(controlSocket(folder), '')
    await start(async () => 'new')
    expect(await ask('any', {})).toBe('new')
  })

  it('leaves the one of another process that listens', async () => {
    await start(async () => 'first')
    const second = await startControl({ folder, run: async () => 'second', log })
    expect(await ask('any', {})).toBe('first')
    await second.close()
    expect(await ask('any', {})).toBe('first')
  })

  it('cuts off what it cannot read and goes on', async () => {
    await start(async () => 'done')
    const socket = (await reachHub(folder))!
    socket.write('GET / HTTP/1.1\n')
    await new Promise(resolve => socket.once('close', resolve))
    expect(await ask('any', {})).toBe('done')
  })
})
