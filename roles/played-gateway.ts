import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import type { Director } from '../simulators/scenarios/director.ts'

/** So often it is looked whether a gateway has power. */
const POWER_INTERVAL_MS = 200

export interface PoweredGateway {
  close(): Promise<void>
  /** Ends as a power cut would have it. */
  cut(): Promise<void>
}

/**
 * Runs a gateway beside the simulators of its devices: as scenarios say, its power is cut and comes back, and its clock
 * is wrong.
 * @throws Error where it cannot be started at first; later that is logged and tried again
 */
export async function playOnGateway(options: {
  gateway: string
  director: Pick<Director, 'stage' | 'now'>
  clock: Clock
  log: Logger
  start: (clock: Clock) => Promise<PoweredGateway>
}): Promise<{ close(): Promise<void> }> {
  const { gateway, director, clock, start } = options
  const log = options.log.child({ gateway })
  const { stage } = director
  const hasPower = () => stage.playingIn('power-cut', gateway, director.now()) === undefined
  const clockThere: Clock = {
    elapsed: clock.elapsed,
    now: () =>
      clock.now() + (stage.playingIn('gateway-clock-wrong', gateway, director.now())?.scenario.by ?? 0),
  }
  let running = hasPower() ? await start(clockThere) : undefined
  let turning: Promise<void> | undefined

  async function turn(): Promise<void> {
    try {
      const cut = running
      if (!cut) running = await start(clockThere)
      else {
        running = undefined
        await cut.cut()
      }
      log.info(cut ? 'its power is cut' : 'its power is back')
    } catch (error) {
      log.error({ err: error }, 'the power cut could not be played')
    }
    turning = undefined
  }
  const looking = setInterval(() => {
    if (hasPower() !== (running !== undefined)) turning ??= turn()
  }, POWER_INTERVAL_MS)

  return {
    async close() {
      clearInterval(looking)
      await turning
      await running?.close()
    },
  }
}
