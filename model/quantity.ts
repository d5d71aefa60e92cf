import type { Fluid } from './fluid.ts'
import { PRECIPITATION_TYPES, SURFACE_CONDITIONS } from './road-state.ts'
import type { Unit } from './units.ts'

/**
 * What a point measures. `index` only grows (a meter's counter), `measure` is a momentary value,
 * `state` is a boolean or a code.
 */
export interface Quantity {
  kind: 'index' | 'measure' | 'state'
  value: 'number' | 'boolean' | 'string'
  /** The units a point of this quantity may have. */
  units: readonly Unit[]
  /** The words of a text that means something to the hub. */
  values?: readonly string[]
  /** Only for the indexes of fluid meters. */
  fluid?: Fluid
  label: { fr: string; en: string }
}

const ENERGY = ['kW.h', 'MW.h', 'W.h'] as const

/** What devices measure. */
export const QUANTITIES = {
  'electricity-index': {
    kind: 'index',
    value: 'number',
    units: ENERGY,
    fluid: 'electricite',
    label: { fr: 'Index électrique', en: 'Electricity index' },
  },
  'gas-index': {
    kind: 'index',
    value: 'number',
    units: ['m3', 'kW.h'],
    fluid: 'gaz',
    label: { fr: 'Index gaz', en: 'Gas index' },
  },
  'water-index': {
    kind: 'index',
    value: 'number',
    units: ['m3', 'L'],
    fluid: 'eau',
    label: { fr: 'Index eau', en: 'Water index' },
  },
  'heat-index': {
    kind: 'index',
    value: 'number',
    units: ENERGY,
    fluid: 'chaleur',
    label: { fr: 'Index chaleur', en: 'Heat index' },
  },
  'cooling-index': {
    kind: 'index',
    value: 'number',
    units: ENERGY,
    fluid: 'froid',
    label: { fr: 'Index froid', en: 'Cooling index' },
  },
  'vehicle-count': {
    kind: 'index',
    value: 'number',
    units: ['1'],
    label: { fr: 'Véhicules comptés', en: 'Vehicles counted' },
  },
  'active-power': {
    kind: 'measure',
    value: 'number',
    units: ['kW', 'W'],
    label: { fr: 'Puissance active', en: 'Active power' },
  },
  'thermal-power': {
    kind: 'measure',
    value: 'number',
    units: ['kW', 'W'],
    label: { fr: 'Puissance thermique', en: 'Thermal power' },
  },
  'flow-rate': { kind: 'measure', value: 'number', units: ['m3/h'], label: { fr: 'Débit', en: 'Flow rate' } },
  'exported-electricity-index': {
    kind: 'index',
    value: 'number',
    units: ['kW.h', 'MW.h', 'W.h'],
    label: { fr: 'Index électrique injecté', en: 'Exported electricity index' },
  },
  'produced-electricity-index': {
    kind: 'index',
    value: 'number',
    units: ['kW.h', 'MW.h', 'W.h'],
    label: { fr: 'Index électrique produit', en: 'Produced electricity index' },
  },
  'reactive-energy-index': {
    kind: 'index',
    value: 'number',
    units: ['kV.A{reactive}.h'],
    label: { fr: "Index d'énergie réactive", en: 'Reactive energy index' },
  },
  'heat-volume-index': {
    kind: 'index',
    value: 'number',
    units: ['m3', 'L'],
    label: { fr: "Index de volume d'eau de chauffage", en: 'Heating water volume index' },
  },
  'apparent-power': {
    kind: 'measure',
    value: 'number',
    units: ['kV.A'],
    label: { fr: 'Puissance apparente', en: 'Apparent power' },
  },
  'reactive-power': {
    kind: 'measure',
    value: 'number',
    units: ['kV.A{reactive}'],
    label: { fr: 'Puissance réactive', en: 'Reactive power' },
  },
  voltage: {
    kind: 'measure',
    value: 'number',
    units: ['V'],
    label: { fr: 'Tension', en: 'Voltage' },
  },
  current: {
    kind: 'measure',
    value: 'number',
    units: ['A'],
    label: { fr: 'Courant', en: 'Current' },
  },
  frequency: {
    kind: 'measure',
    value: 'number',
    units: ['Hz'],
    label: { fr: 'Fréquence', en: 'Frequency' },
  },
  'power-factor': {
    kind: 'measure',
    value: 'number',
    units: ['1'],
    label: { fr: 'Facteur de puissance', en: 'Power factor' },
  },
  'supply-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Température de départ', en: 'Supply temperature' },
  },
  'return-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Température de retour', en: 'Return temperature' },
  },
  'hot-water-storage-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: "Température de stockage d'eau chaude sanitaire", en: 'Hot water storage temperature' },
  },
  'hot-water-supply-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: "Température de départ d'eau chaude sanitaire", en: 'Hot water supply temperature' },
  },
  'hot-water-return-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: "Température de retour d'eau chaude sanitaire", en: 'Hot water return temperature' },
  },
  'hot-water-outlet-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: {
      fr: "Température d'eau chaude au point de puisage",
      en: 'Hot water temperature at a point of use',
    },
  },
  'carbon-dioxide': {
    kind: 'measure',
    value: 'number',
    units: ['[ppm]'],
    label: { fr: 'Dioxyde de carbone', en: 'Carbon dioxide' },
  },
  'air-pressure': {
    kind: 'measure',
    value: 'number',
    units: ['hPa'],
    label: { fr: 'Pression atmosphérique', en: 'Air pressure' },
  },
  'wind-direction': {
    kind: 'measure',
    value: 'number',
    units: ['deg'],
    label: { fr: 'Direction du vent', en: 'Wind direction' },
  },
  'outdoor-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Température extérieure', en: 'Outdoor temperature' },
  },
  'indoor-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Température intérieure', en: 'Indoor temperature' },
  },
  'air-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: "Température de l'air", en: 'Air temperature' },
  },
  'surface-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Température de chaussée', en: 'Road surface temperature' },
  },
  'freezing-temperature': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Température de congélation', en: 'Freezing temperature' },
  },
  'water-film': {
    kind: 'measure',
    value: 'number',
    units: ['mm'],
    label: { fr: "Hauteur d'eau sur la chaussée", en: 'Water film on the road' },
  },
  'surface-condition': {
    kind: 'state',
    value: 'string',
    units: ['1'],
    values: SURFACE_CONDITIONS,
    label: { fr: 'État de la chaussée', en: 'Road surface condition' },
  },
  'dew-point': {
    kind: 'measure',
    value: 'number',
    units: ['Cel'],
    label: { fr: 'Point de rosée', en: 'Dew point' },
  },
  'relative-humidity': {
    kind: 'measure',
    value: 'number',
    units: ['%'],
    label: { fr: 'Humidité relative', en: 'Relative humidity' },
  },
  'precipitation-rate': {
    kind: 'measure',
    value: 'number',
    units: ['mm/h'],
    label: { fr: 'Intensité des précipitations', en: 'Precipitation rate' },
  },
  'precipitation-type': {
    kind: 'state',
    value: 'string',
    units: ['1'],
    values: PRECIPITATION_TYPES,
    label: { fr: 'Nature des précipitations', en: 'Precipitation type' },
  },
  'wind-speed': {
    kind: 'measure',
    value: 'number',
    units: ['m/s'],
    label: { fr: 'Vitesse du vent', en: 'Wind speed' },
  },
  'wind-gust': {
    kind: 'measure',
    value: 'number',
    units: ['m/s'],
    label: { fr: 'Rafales de vent', en: 'Wind gusts' },
  },
  'water-level': {
    kind: 'measure',
    value: 'number',
    units: ['m'],
    label: { fr: "Niveau d'eau", en: 'Water level' },
  },
  visibility: {
    kind: 'measure',
    value: 'number',
    units: ['m', 'km'],
    label: { fr: 'Visibilité', en: 'Visibility' },
  },
  'mean-speed': {
    kind: 'measure',
    value: 'number',
    units: ['km/h'],
    label: { fr: 'Vitesse moyenne', en: 'Mean speed' },
  },
  'traffic-flow': {
    kind: 'measure',
    value: 'number',
    units: ['{vehicle}/h'],
    label: { fr: 'Débit de véhicules', en: 'Traffic flow' },
  },
  'road-occupancy': {
    kind: 'measure',
    value: 'number',
    units: ['%'],
    label: { fr: "Taux d'occupation de la voie", en: 'Lane occupancy' },
  },
  precipitation: {
    kind: 'state',
    value: 'boolean',
    units: ['1'],
    label: { fr: 'Précipitations', en: 'Precipitation' },
  },
  occupancy: { kind: 'state', value: 'boolean', units: ['1'], label: { fr: 'Occupation', en: 'Occupancy' } },
  fault: { kind: 'state', value: 'boolean', units: ['1'], label: { fr: 'Défaut', en: 'Fault' } },
  'operating-mode': {
    kind: 'state',
    value: 'string',
    units: ['1'],
    label: { fr: 'Mode de fonctionnement', en: 'Operating mode' },
  },
  identification: {
    kind: 'state',
    value: 'string',
    units: ['1'],
    label: { fr: 'Identification', en: 'Identification' },
  },
} as const satisfies Record<string, Quantity>

/** What no device measures: the hub works it out. */
export const DERIVED_QUANTITIES = {
  'gateway-silence': {
    kind: 'measure',
    value: 'number',
    units: ['min'],
    label: { fr: 'Silence de la passerelle', en: 'Silence of the gateway' },
  },
  'outbox-fill': {
    kind: 'measure',
    value: 'number',
    units: ['%'],
    label: { fr: 'Remplissage du journal de la passerelle', en: 'Fill of the outbox' },
  },
  'outbox-time-left': {
    kind: 'measure',
    value: 'number',
    units: ['h'],
    label: { fr: 'Délai avant perte de données', en: 'Time left before data is lost' },
  },
  'registry-lag': {
    kind: 'measure',
    value: 'number',
    units: ['h'],
    label: { fr: 'Durée sur un autre registre que le serveur', en: 'Time on another registry than the hub' },
  },
  'missing-data': {
    kind: 'measure',
    value: 'number',
    units: ['%'],
    label: { fr: 'Données manquantes ou invalides sur 24 h', en: 'Missing or bad data over 24 h' },
  },
  'implausible-readings': {
    kind: 'measure',
    value: 'number',
    units: ['1'],
    label: { fr: 'Relevés invraisemblables sur 24 h', en: 'Implausible readings over 24 h' },
  },
  'unreached-channels': {
    kind: 'measure',
    value: 'number',
    units: ['1'],
    label: {
      fr: "Canaux d'alerte que l'essai quotidien n'a pas atteints",
      en: 'Channels of alerts that the daily test has not reached',
    },
  },
  'night-flow': {
    kind: 'measure',
    value: 'number',
    units: ['m3'],
    label: { fr: 'Eau qui coule la nuit', en: 'Water that runs at night' },
  },
  'continuous-flow': {
    kind: 'measure',
    value: 'number',
    units: ['m3'],
    label: { fr: 'Eau qui ne cesse de couler', en: 'Water that never stops' },
  },
  'base-load-drift': {
    kind: 'measure',
    value: 'number',
    units: ['kW.h', 'm3'],
    label: { fr: 'Hausse du talon', en: 'Rise of the base load' },
  },
  'outside-opening': {
    kind: 'measure',
    value: 'number',
    units: ['kW.h', 'm3'],
    label: { fr: 'Consommation hors ouverture', en: 'Use outside opening hours' },
  },
  'climate-outside-opening': {
    kind: 'measure',
    value: 'number',
    units: ['kW.h', 'm3'],
    label: { fr: 'Chauffage ou froid hors ouverture', en: 'Heating or cooling outside opening hours' },
  },
  'finding-age': {
    kind: 'measure',
    value: 'number',
    units: ['h'],
    label: { fr: 'Ancienneté du constat', en: 'Age of the finding' },
  },
  'finding-cost': {
    kind: 'measure',
    value: 'number',
    units: ['1'],
    label: { fr: 'Coût du constat, en euros', en: 'Cost of the finding, in euros' },
  },
} as const satisfies Record<string, Quantity>

export type MeasuredQuantityName = keyof typeof QUANTITIES
export type DerivedQuantityName = keyof typeof DERIVED_QUANTITIES
export type QuantityName = MeasuredQuantityName | DerivedQuantityName
/** Those that a device may have. */
export const MEASURED_QUANTITY_NAMES = Object.keys(QUANTITIES) as [
  MeasuredQuantityName,
  ...MeasuredQuantityName[],
]

const ALL: Readonly<Record<QuantityName, Quantity>> = { ...QUANTITIES, ...DERIVED_QUANTITIES }
export const QUANTITY_NAMES = Object.keys(ALL) as [QuantityName, ...QuantityName[]]

export function quantity(name: QuantityName): Quantity {
  return ALL[name]
}

export function isDerivedQuantity(name: QuantityName): name is DerivedQuantityName {
  return name in DERIVED_QUANTITIES
}

/** What the indexes of a fluid count in. */
export function unitsOfFluid(fluid: Fluid): readonly Unit[] {
  return Object.values<Quantity>(QUANTITIES).find(each => each.fluid === fluid)!.units
}
