import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openGatewayClock } from '../../gateway/gateway-clock.ts'
import { log } from './collector.ts'

const NOON = Date.UTC(2026, 10, 22, 12)
const MINUTE = 60_000

/** The clock of a machine: civil and monotonic time go on together, and the civil one may be set. */
function machine(now: number) {
  const time = { now, elapsed: 5000 }
  return {
    clock: { now: () => time.now, elapsed: () => time.elapsed },
    pass(ms: number) {
      time.now += ms
      time.elapsed += ms
    },
    set(now: number) {
      time.now = now
    },
  }
}

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'affluent-clock-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  const synchronizedFile = join(path, 'synchronized')
  const open = (clock: ReturnType<typeof machine>['clock'], isTrusted = true) =>
    openGatewayClock({ file: join(path, 'clock.json'), clock, isTrusted, log, synchronizedFile })
  const spoil = (content: string) => writeFileSync(join(path, 'clock.json'), content)
  /** In the place of the file that is written before it is renamed. */
  const refuse = () => mkdirSync(join(path, 'clock.json.new'))
  return { open, spoil, refuse, synchronize: () => writeFileSync(synchronizedFile, '') }
}

describe('the time of a gateway', () => {
  it("is the system's where that may be right, and what it was when it was noted stays known", () => {
    const { open } = folder()
    const first = open(machine(NOON).clock)
    expect([first.isKnown, first.now()]).toEqual([true, NOON])
    first.note()
    expect(open(machine(NOON - MINUTE).clock).isKnown).toBe(true)
    expect(open(machine(NOON - MINUTE - 1).clock).isKnown).toBe(false)
    expect(open(machine(NOON + 1e10).clock).isKnown).toBe(true)
  })

  it('is not known on a machine that begins in 1970, or whose clock is not trusted', () => {
    const { open } = folder()
    expect(open(machine(0).clock).isKnown).toBe(false)
    expect(open(machine(NOON).clock, false).isKnown).toBe(false)
  })

  it('is told by the hub, and goes on by the monotonic clock until the system has it, too', () => {
    const { open } = folder()
    const { clock, pass, set } = machine(0)
    const time = open(clock)
    pass(10_000)
    time.hear(NOON)
    expect([time.isKnown, time.now()]).toEqual([true, NOON])
    pass(1000)
    expect(time.now()).toBe(NOON + 1000)
    set(NOON + 1400)
    expect(time.now()).toBe(NOON + 1400)
    set(NOON + 10 * MINUTE)
    expect(time.now()).toBe(NOON + 1000)
    time.hear(0)
    expect(time.now()).toBe(NOON + 1000)
  })

  it.each(['', '\0\0\0', '{}', '{"version":1,"newest":null,"lives":[]}'])(
    'is looked for anew where the file of it is spoiled: %j',
    content => {
      const { open, spoil } = folder()
      spoil(content)
      const time = open(machine(NOON).clock)
      expect([time.isKnown, time.now()]).toEqual([true, NOON])
      time.note()
      expect(open(machine(NOON - 2 * MINUTE).clock).isKnown).toBe(false)
    },
  )

  it('goes on where the disk takes no note of it: no timer may end the process', () => {
    const { open, refuse } = folder()
    refuse()
    const { clock, pass, set } = machine(0)
    const time = open(clock)
    pass(1000)
    set(NOON)
    time.look()
    expect([time.isKnown, time.now()]).toEqual([true, NOON])
    time.note()
    const other = open(machine(0).clock)
    other.hear(NOON)
    expect(other.now()).toBe(NOON)
  })

  it('that was once far ahead is doubted until the hub has told it, and no longer', () => {
    const { open } = folder()
    open(machine(NOON + 1e12).clock).note()
    const doubted = open(machine(NOON).clock)
    expect(doubted.isKnown).toBe(false)
    doubted.hear(NOON)
    doubted.note()
    expect(open(machine(NOON + MINUTE).clock).isKnown).toBe(true)
  })

  it('is found when the system is set, by a jump or by word of NTP', () => {
    const { open, synchronize } = folder()
    const jumping = machine(0)
    const jumped = open(jumping.clock)
    jumping.pass(MINUTE)
    jumped.look()
    expect(jumped.isKnown).toBe(false)
    jumping.set(NOON)
    jumped.look()
    expect([jumped.isKnown, jumped.now()]).toEqual([true, NOON])

    const right = machine(NOON)
    const told = open(right.clock, false)
    told.look()
    expect(told.isKnown).toBe(false)
    synchronize()
    told.look()
    expect([told.isKnown, told.now()]).toEqual([true, NOON])
  })

  it('dates what happened before it was known, exactly', () => {
    const { open } = folder()
    const { clock, pass } = machine(0)
    const time = open(clock)
    const { life } = time
    pass(30_000)
    expect(time.age()).toBe(30_000)
    pass(30_000)
    time.hear(NOON)
    expect(time.timeOf(life, 30_000)).toEqual({ time: NOON - 30_000, isExact: true })
    // A restart changes nothing.
    expect(open(clock).timeOf(life, 30_000)).toEqual({ time: NOON - 30_000, isExact: true })
  })

  it('of a life that never learned it lies between what was known before and after', () => {
    const { open } = folder()
    open(machine(NOON).clock).note()
    const lost = open(machine(0).clock)
    const { clock, pass } = machine(0)
    const next = open(clock)
    pass(5000)
    next.hear(NOON + 10 * MINUTE)
    expect(next.timeOf(lost.life, MINUTE)).toEqual({ time: NOON + MINUTE, isExact: false })
    expect(next.timeOf(lost.life, 60 * MINUTE)).toEqual({
      time: NOON + 10 * MINUTE - 5000,
      isExact: false,
    })
    next.forgetLives()
    next.note()
    expect(open(machine(NOON + 11 * MINUTE).clock).timeOf(next.life, 0).isExact).toBe(false)
  })
})
