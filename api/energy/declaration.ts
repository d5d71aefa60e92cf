import type { FactorSet } from '../../energy/factors.ts'
import { tertiaryTargets } from '../../energy/targets.ts'
import type { AccountLine } from '../../energy/year-account.ts'
import { groupMeters } from '../../model/consumption.ts'
import { PURCHASE_UNITS } from '../../model/energy.ts'
import type { Meter } from '../../registry/registry.ts'
import { flooredShare } from '../fields.ts'
import { gapText } from './account-fields.ts'
import type { TertiaryYear } from './tertiary.ts'

/** The columns of the declaration, in their order; docs/facility-managers.md says what each holds. */
const COLUMNS = [
  'annee',
  'site',
  'nom',
  'declarant',
  'cas',
  'perimetre',
  'id_batiments',
  'station_meteo',
  'activites',
  'surface_m2',
  'energie',
  'points_de_livraison',
  'unite_achat',
  'quantite_achat',
  'origine',
  'couverture',
  'kwh_pci',
  'kgco2e',
  'kwh_recharge_vehicules',
  'annee_reference',
  'kwh_pci_reference',
  'kwh_pci_2030',
  'kwh_pci_2040',
  'kwh_pci_2050',
  'facteurs',
  'manque',
] as const
type Cells = Partial<Record<(typeof COLUMNS)[number], string>>

/** The declaration: for each site a row for each energy, then one of the whole; what is not known is empty. */
export function declarationRows(
  year: number,
  years: readonly TertiaryYear[],
  factors: FactorSet,
  meters: Iterable<Meter>,
): string[][] {
  const all = [...meters]
  const facteurs = `${factors.name}, ${factors.version}`
  const rows = years.flatMap(each => {
    const head = headOf(each, year)
    return [
      ...each.account.lines.map(line => ({
        ...head,
        ...lineCells(line),
        ...(line.emissionSource && { facteurs: `${facteurs}; ${line.emissionSource}` }),
        points_de_livraison: deliveryPointsOf(each.site.id, line.energy, all).join(', '),
      })),
      { ...head, ...wholeCells(each, year) },
    ]
  })
  return [[...COLUMNS], ...rows.map((row: Cells) => COLUMNS.map(name => ({ facteurs, ...row })[name] ?? ''))]
}

function headOf({ site, area }: TertiaryYear, year: number): Cells {
  const { declarant, perimeter, buildings, station, activities, referenceYear, ...declared } = site.tertiary
  return {
    annee: String(year),
    site: site.id,
    nom: site.name,
    declarant,
    cas: declared.case,
    perimetre: PERIMETER_NAMES[perimeter],
    id_batiments: buildings.join(', '),
    station_meteo: station,
    activites: activities.map(({ name, floorArea }) => `${name}: ${floorArea}`).join(', '),
    surface_m2: String(area),
    annee_reference: String(referenceYear),
  }
}

/** The networks' numbers of what counts an energy for a site. */
function deliveryPointsOf(site: string, energy: string, meters: readonly Meter[]): string[] {
  const counting = groupMeters(meters, site).filter(({ fluid }) => fluid === energy)
  return counting.flatMap(group => group.meters.flatMap(({ deliveryPoint }) => deliveryPoint ?? []))
}

const PERIMETER_NAMES = { own: 'propre', shared: 'partagé', common: 'commun' } as const

function lineCells({ energy, amount, source, coverage, finalEnergy, kgCO2e }: AccountLine): Cells {
  return {
    energie: energy,
    unite_achat: PURCHASE_UNITS[energy],
    quantite_achat: amount ?? '',
    origine: source === 'meters' ? 'compteurs' : 'factures',
    couverture: String(flooredShare(coverage)),
    kwh_pci: finalEnergy ?? '',
    kgco2e: kgCO2e ?? '',
  }
}

function wholeCells({ site, account, reference, gaps }: TertiaryYear, year: number): Cells {
  const charging = site.tertiary.vehicleCharging.find(each => each.year === year)
  const [target2030, target2040, target2050] = tertiaryTargets(reference.finalEnergy)
  return {
    energie: 'total',
    kwh_pci: account.finalEnergy ?? '',
    kgco2e: account.kgCO2e ?? '',
    kwh_recharge_vehicules: charging ? String(charging.amount) : '',
    kwh_pci_reference: reference.finalEnergy ?? '',
    kwh_pci_2030: target2030 ?? '',
    kwh_pci_2040: target2040 ?? '',
    kwh_pci_2050: target2050 ?? '',
    manque: [
      ...gaps,
      ...account.missing.map(gapText),
      ...reference.missing.map(gap => `reference:${gapText(gap)}`),
    ].join(', '),
  }
}
