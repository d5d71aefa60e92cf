import { basename } from 'node:path'
import {
  PURCHASE_COLUMNS,
  type Purchase,
  PurchaseError,
  type PurchaseRow,
  takePurchase,
} from '../model/purchase.ts'
import type { Registry } from '../registry/registry.ts'
import { readCsvFile } from './csv-file.ts'

/** What a file of purchases holds. */
export interface PurchaseFile {
  purchases: Purchase[]
  /** What is wrong with the other rows, each with file and line. */
  faults: string[]
}

/** Whether a CSV file holds purchases: only those have a column for the energy. */
export async function holdsPurchases(file: string): Promise<boolean> {
  for await (const { cells } of readCsvFile(file)) return cells.map(normalised).includes('energy')
  return false
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
  let columns: string[] | undefined
  for await (const { cells, line } of readCsvFile(file)) {
    if (!columns) {
      columns = columnsOf(cells, file)
      continue
    }
    const row: PurchaseRow = Object.fromEntries(columns.map((column, at) => [column, cells[at]]))
    const place = `${basename(file)}, line ${line}`
    try {
      const purchase = takePurchase(row, today)
      refuseOther(purchase, registry)
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

/** What nobody knows, or something else tells already. */
function refuseOther(
  { site: id, energy, from }: Pick<Purchase, 'site' | 'energy' | 'from'>,
  registry: Registry,
): void {
  const site = registry.sites.get(id)
  if (!site) throw new PurchaseError('site', `there is no site ${id} in the registry`)
  const year = Number(from.slice(0, 4))
  if (site.yearly?.some(use => use.energy === energy && use.year === year))
    throw new PurchaseError(
      'energy',
      `the registry states the ${energy} of ${id} in ${year} (yearly) already`,
    )
  const meter = [...registry.meters.values()].find(
    ({ fluid, site, allocations }) =>
      fluid === energy &&
      (allocations.length > 0 ? allocations.some(share => share.site === id) : site === id),
  )
  if (meter)
    throw new PurchaseError(
      'energy',
      `the meter ${meter.id} counts the ${energy} of ${id}: state its invoices (meter, origin, from, to, amount)`,
    )
}

function columnsOf(header: readonly string[], file: string): string[] {
  const names = header.map(normalised)
  const unknown = names.filter(name => !PURCHASE_COLUMNS.includes(name as never))
  const twice = names.filter((name, at) => names.indexOf(name) !== at)
  const missing = ['site', 'energy', 'from', 'amount'].filter(name => !names.includes(name))
  const faults = [
    missing.length > 0 && `there is no column ${missing.join(', ')}`,
    unknown.length > 0 && `there is a column ${unknown.join(', ')}, which means nothing here`,
    twice.length > 0 && `there are two columns ${twice.join(', ')}`,
  ].filter(fault => fault !== false)
  if (faults.length > 0)
    throw new Error(`${file}: ${faults.join('; ')}; a file of purchases has ${PURCHASE_COLUMNS.join(', ')}`)
  return names
}

function normalised(name: string): string {
  return name.trim().toLowerCase()
}
