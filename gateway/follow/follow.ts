import { createPublicKey } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import type { Bus } from '../../bus/contract.ts'
import { syncFolder } from '../../bus/folders.ts'
import { topics } from '../../bus/topics.ts'
import { forgetEarlier } from '../../registry/followed.ts'
import { loadRegistry } from '../../registry/load.ts'
import { writtenPart } from '../written-part.ts'
import { openLetter, type RegistryLetter } from './letter.ts'

export interface FollowOptions {
  gateway: string
  /** What runs now. */
  inForce: { number: number; hash: string }
  /** The public key of the hub: SPKI, DER, base64. */
  key: string
  /** Where what is taken is kept: {@link ../../registry/followed.ts}. */
  folder: string
  bus: Bus
  log: Logger
  /** Called once: another registry is in force from the next start on. */
  onTaken(): void
  onRefused(reason: string): void
}

/**
 * Takes over what the hub wants a gateway to run: written beside what runs, loaded as a start would, and put in force
 * by one renaming, or refused with the reason. What waits in the outbox is not touched.
 * @throws Error when the key is none.
 */
export async function followHub(options: FollowOptions): Promise<void> {
  const { gateway, inForce, folder, bus, log, onTaken, onRefused } = options
  const key = createPublicKey({ key: Buffer.from(options.key, 'base64'), format: 'der', type: 'spki' })
  /** Of what was taken or refused last: the broker delivers it again on every connect. */
  let seen = inForce.number
  let work = Promise.resolve()

  async function take({ number, part }: RegistryLetter): Promise<void> {
    if (number <= seen || part.hash === inForce.hash) return
    const fresh = join(folder, `${number}.new`)
    rmSync(fresh, { recursive: true, force: true })
    for (const [path, text] of writtenPart(part)) {
      const file = join(fresh, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text, { flush: true })
    }
    try {
      const { gateways } = await loadRegistry(fresh)
      if (!gateways.has(gateway)) throw new Error(`there is no gateway ${gateway} in it`)
    } catch (error) {
      rmSync(fresh, { recursive: true })
      const reason = (error as Error).message.replaceAll(fresh, 'registry')
      seen = number
      log.error(`the registry of the hub is not taken over: ${reason}`)
      return onRefused(reason)
    }
    renameSync(fresh, join(folder, String(number)))
    syncFolder(folder)
    seen = number
    forgetEarlier(folder, number)
    log.info({ number }, 'a changed registry comes from the hub: starting again with it')
    onTaken()
  }

  await bus.subscribe(topics.registry(gateway), (_, payload) => {
    let letter: RegistryLetter
    try {
      letter = openLetter(payload, key)
      if (letter.gateway !== gateway) throw new Error(`it is for ${letter.gateway}`)
    } catch (error) {
      log.warn(`a registry is refused: ${(error as Error).message}`)
      return
    }
    // It comes again with the next connect.
    work = work
      .then(() => take(letter))
      .catch(error => {
        log.error({ err: error }, 'the registry of the hub cannot be kept')
        onRefused(`it cannot be kept: ${(error as Error).message}`)
      })
  })
}
