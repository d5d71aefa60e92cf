import type { Point } from '../../registry/registry.ts'
import { BEHAVES, type Behaviour } from '../modbus-server.ts'
import type { NodeBehaviour } from '../opcua-server.ts'
import type { SimulatedTime } from '../simulated-time.ts'
import type { Place, Stage } from './stage.ts'

/** How a Modbus device answers at an instant. */
export function behaviourOf(stage: Stage, place: Place, time: number): Behaviour {
  if (stage.list().length === 0) return BEHAVES
  const slow = stage.playing('slow-replies', place, time)
  const late = stage.playing('late-replies', place, time)
  return {
    isSilent: stage.playing('communication-cut', place, time) !== undefined,
    holdMs: slow?.scenario.delay ?? 0,
    lateMs: late?.scenario.delay ?? 0,
    isMixedUp: stage.playing('wrong-transaction-id', place, time) !== undefined,
  }
}

/** What an OPC-UA server says of a variable at an instant. */
export function nodeBehaviourOf(
  stage: Stage,
  timeThere: SimulatedTime,
): (point: Point, time: number) => NodeBehaviour {
  return (point, time) => {
    const there = timeThere(time)
    const isCut = stage.playing('communication-cut', point, there) !== undefined
    const isUnknown = stage.playing('illegal-register', point, there) !== undefined
    return {
      there,
      aheadMs: stage.playing('clock-wrong', point, there)?.scenario.by ?? 0,
      status: isCut ? 'BadNoCommunication' : isUnknown ? 'BadNodeIdUnknown' : 'Good',
    }
  }
}
