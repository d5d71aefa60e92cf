export type Language = 'fr' | 'en'

/** What reports say, but for what is found. */
export const WORDS = {
  fr: {
    title: 'Procès-verbal de mise en service',
    gateway: 'Passerelle',
    observed: 'Observé du',
    until: 'au',
    registry: 'Registre',
    point: 'Point',
    label: 'Libellé',
    value: 'Valeur',
    time: 'Heure',
    remarks: 'Remarques',
    signed: ['Installateur', "Maître d'ouvrage"],
    sign: 'Nom, date, signature',
    checks: {
      reachable: 'joignable',
      plausible: 'plausible',
      moving: 'mobile',
      time: 'horloge',
      display: 'afficheur',
      energy: 'énergie',
    },
    verdicts: { pass: 'conforme', warn: 'à voir', fail: 'défaut', none: '–' },
    summary: (failed: number, warned: number, all: number) =>
      `${all} points : ${failed} en défaut, ${warned} à voir, ${all - failed - warned} conformes.`,
    legend: '– : rien à quoi comparer.',
  },
  en: {
    title: 'Commissioning report',
    gateway: 'Gateway',
    observed: 'Observed from',
    until: 'to',
    registry: 'Registry',
    point: 'Point',
    label: 'Label',
    value: 'Value',
    time: 'Time',
    remarks: 'Remarks',
    signed: ['Installer', 'Client'],
    sign: 'Name, date, signature',
    checks: {
      reachable: 'reachable',
      plausible: 'plausible',
      moving: 'moving',
      time: 'clock',
      display: 'display',
      energy: 'energy',
    },
    verdicts: { pass: 'pass', warn: 'look at', fail: 'fail', none: '–' },
    summary: (failed: number, warned: number, all: number) =>
      `${all} points: ${failed} failed, ${warned} to look at, ${all - failed - warned} passed.`,
    legend: '–: nothing to compare with.',
  },
} as const
