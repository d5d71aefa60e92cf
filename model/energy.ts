/** Energies as they are bought, in the spelling of the published files; the first four are metered fluids. */
export const ENERGIES = [
  'electricite',
  'gaz',
  'chaleur',
  'froid',
  'fioul',
  'propane',
  'granules',
  'buches',
  'gazole',
  'essence',
  'gnv',
  'b100',
  'autre',
] as const
export type Energy = (typeof ENERGIES)[number]

/** In what each is bought; gas is billed in kWh PCS, and what has no unit here is stated in kWh PCI. */
export const PURCHASE_UNITS: Readonly<Record<Energy, string>> = {
  electricite: 'kWh',
  gaz: 'kWh PCS',
  chaleur: 'kWh',
  froid: 'kWh',
  fioul: 'L',
  propane: 'kg',
  granules: 'kg',
  buches: 'stère',
  gazole: 'L',
  essence: 'L',
  gnv: 'kg',
  b100: 'L',
  autre: 'kWh PCI',
}
