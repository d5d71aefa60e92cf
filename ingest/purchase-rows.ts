import { basename } from 'node:path'
import { allocationsOf } from '../model/consumption.ts'
import {
  PURCHASE_COLUMNS,
  type Purchase,
  PurchaseError,
  type PurchaseRow,
  takePurchase,
} from '../model/purchase.ts'
import type { Registry } from '../registry/registry.ts'
import { readCsvFile } from './csv-file.ts'
import { columnsOf, hasColumn } from './named-columns.ts'

/** What a file of purchases holds. */
export interface PurchaseFile {
  purchases: Purchase[]
  /** What is wrong with the other rows, each with file and line. */
  faults: string[]
}

/** Whether a CSV file holds purchases: only those have a column for the energy. */
export function holdsPurchases(file: string): Promise<boolean> {
  return hasColumn(file, 'energy')
}

/**
 * Reads a file of what sites bought, see docs/facility-managers.md.
 * @param today local date
 * @throws Error naming the file where it cannot be read, or its columns are not those of purchases
 */
export async function readPurchases(
  file: string,
  { registry, author, today }: { registry: Registry; author: string; today: string },
): Promise<PurchaseFile> {
  const found: PurchaseFile = { purchases: [], faults: [] }
  /** The line of each that was told, by all that tells it apart. */
  const lines = new Map<string, number>()
  const refuseOther = openRefusal(registry)
  let columns: readonly (keyof PurchaseRow)[] | undefined
  for await (const { cells, line } of readCsvFile(file)) {
    if (!columns) {
      columns = columnsOf(cells, file, { of: 'purchases', columns: PURCHASE_COLUMNS, missing: missingIn })
      continue
    }
    const row: PurchaseRow = Object.fromEntries(columns.map((column, at) => [column, cells[at]]))
    const place = `${basename(file)}, line ${line}`
    try {
      const purchase = takePurchase(row, today)
      refuseOther(purchase)
      const { site, energy, from, to, use, reference } = purchase
      const key = JSON.stringify([site, energy, from, to, use, reference])
      const before = lines.get(key)
      if (before !== undefined)
        throw new PurchaseError('reference', `does not tell it apart from line ${before}: both would be one`)
      lines.set(key, line)
      found.purchases.push({ ...purchase, author: row.author?.trim() || author, source: place })
    } catch (error) {
      if (!(error instanceof PurchaseError)) throw error
      found.faults.push(`${place}: ${error.field}: ${error.message}`)
    }
  }
  return found
}

/** Makes the function that refuses what nobody knows, or something else tells already. */
function openRefusal(registry: Registry) {
  /** Of each energy that is counted at a site, the first meter. */
  const meters = new Map<string, string>()
  for (const meter of registry.meters.values()) {
    for (const { site } of allocationsOf(meter)) {
      const counted = `${site} ${meter.fluid}`
      if (!meters.has(counted)) meters.set(counted, meter.id)
    }
  }

  return ({ site: id, energy, from }: Pick<Purchase, 'site' | 'energy' | 'from'>): void => {
    const site = registry.sites.get(id)
    if (!site) throw new PurchaseError('site', `there is no site ${id} in the registry`)
    const year = Number(from.slice(0, 4))
    if (site.yearly?.some(use => use.energy === energy && use.year === year))
      throw new PurchaseError(
        'energy',
        `the registry states the ${energy} of ${id} in ${year} (yearly) already`,
      )
    const meter = meters.get(`${id} ${energy}`)
    if (meter !== undefined)
      throw new PurchaseError(
        'energy',
        `the meter ${meter} counts the ${energy} of ${id}: state its invoices (meter, origin, from, to, amount)`,
      )
  }
}

function missingIn(names: readonly string[]): string[] {
  return ['site', 'energy', 'from', 'amount'].filter(name => !names.includes(name))
}
