import { checkCircuits } from './checks/circuits.ts'
import { checkClimate } from './checks/climate.ts'
import { checkDrivers } from './checks/drivers.ts'
import { checkEnergy } from './checks/energy.ts'
import { checkForecasts } from './checks/forecasts.ts'
import { checkGateways } from './checks/gateways.ts'
import { checkIds } from './checks/ids.ts'
import { checkMeters } from './checks/meters.ts'
import { checkOnCall } from './checks/on-call.ts'
import { checkOpenData } from './checks/open-data.ts'
import { checkOpening } from './checks/opening.ts'
import { checkPoints } from './checks/points.ts'
import { checkPower } from './checks/power.ts'
import { checkRules } from './checks/rules.ts'
import { checkSites } from './checks/sites.ts'
import { checkTariffs } from './checks/tariffs.ts'
import type { DeviceFiles } from './device-files.ts'
import type { Draft } from './draft.ts'
import type { Problem } from './problem.ts'
import { type Path, problemAt, type Source } from './source.ts'

/** Something that a single value cannot show. Without a source it lies in the registry itself. */
export interface Finding {
  source?: Source
  path: Path
  message: string
}

/** Everything that does not fit together in a draft. */
export function checkDraft(draft: Draft, deviceFiles: DeviceFiles): Problem[] {
  const findings: Finding[] = [
    ...checkIds(draft),
    ...checkSites(draft),
    ...checkDrivers(draft),
    ...checkGateways(draft),
    ...checkPoints(draft, deviceFiles),
    ...checkMeters(draft),
    ...checkPower(draft),
    ...checkClimate(draft),
    ...checkTariffs(draft),
    ...checkEnergy(draft),
    ...checkOpenData(draft),
    ...checkOpening(draft),
    ...checkRules(draft),
    ...checkOnCall(draft),
    ...checkCircuits(draft),
    ...checkForecasts(draft),
  ]
  return findings.map(({ source = draft.source, path, message }) => problemAt(source, path, message))
}
