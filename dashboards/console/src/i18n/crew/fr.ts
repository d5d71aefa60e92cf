import type { TreatmentProduct, WinterPhenomenon } from '../../../../../model/winter-service.ts'
import type { Missing } from '../../crew/entry.ts'
import { DANGERS } from '../dangers.ts'

/** French puts a narrow no-break space before : ; ! and ?. */
const S = '\u202f'

/** The texts of the crew page. */
export const crewFr = {
  severity: DANGERS.fr.severity,
  title: 'Équipe',
  skip: 'Aller aux alertes',
  console: 'Console',
  theme: (name: string) => `Apparence${S}: ${name}`,
  themes: { auto: 'sombre la nuit', light: 'claire', dark: 'sombre' },
  loading: 'Chargement…',
  neverReached:
    'Le serveur est injoignable et rien n’est gardé sur ce téléphone. Nouvelle tentative automatique.',
  fresh: (clock: string) => `À jour, ${clock}`,
  old: (moment: string, ago: string) => `Pas de liaison. Ce qui suit date du ${moment} (${ago}).`,
  oldUnknown: 'Pas de liaison. L’âge de ce qui suit est inconnu.',
  alerts: (count: number) => `Alertes sur les routes${S}: ${count}`,
  none: 'Aucune alerte active sur les routes.',
  noneThen: 'Aucune alerte active sur les routes à ce moment-là.',
  states: { firing: 'À prendre en charge', acknowledged: 'Prise en charge', resolved: 'Résolue' },
  since: (moment: string, ago: string) => `depuis le ${moment} (${ago})`,
  by: (actor: string, moment: string) => `par ${actor} le ${moment}`,
  silence: 'capteur muet',
  on: 'oui',
  off: 'non',
  away: (way: string) => `à ${way}`,
  map: 'Voir sur la carte',
  queued: (clock: string) => `En attente d’envoi depuis ${clock}`,
  position: {
    off: 'Trier par distance',
    waiting: 'Recherche de la position…',
    on: 'Les plus proches d’abord, à gravité égale',
    refused: 'La position est refusée à cette page. Réessayer',
  },
  push: {
    start: 'Recevoir les alertes sur ce téléphone',
    working: 'Un instant…',
    on: (person: string) => `Les alertes de ${person} arrivent sur ce téléphone.`,
    end: 'Ne plus les recevoir sur ce téléphone',
    refused:
      'Le navigateur refuse les notifications à cette page. Autorisez-les dans ses réglages, puis réessayez.',
    failed: (detail: string) => `Les alertes n’arrivent pas sur ce téléphone${S}: ${detail}`,
    nobody:
      'Pour recevoir les alertes sur ce téléphone, ouvrez-y le lien d’une alerte qui vous a été adressée, ou une session à votre nom.',
    elsewhere:
      'L’alerte du message n’est plus active, ou n’est pas celle d’une route. La voir dans la console',
  },
  history: {
    title: 'Douze dernières heures',
    none: 'Aucun relevé gardé.',
    summary: (label: string, low: string, high: string) => `${label}${S}: de ${low} à ${high}`,
    hour: 'Heure',
    range: 'De … à …',
    unknown: 'inconnu',
    as: (moment: string) => `Connu le ${moment}.`,
  },
  who: {
    title: 'Session',
    is: (name: string) => `Session de ${name}`,
    nobody: 'Aucune session ouverte',
    change: 'Changer de personne',
    open: 'Ouvrir une session',
    close: (name: string) => `Fermer la session de ${name}`,
    link: 'Lien à usage unique',
    offline: 'Une session se change seulement avec une liaison.',
    waiting: (count: number, name: string) =>
      count === 1
        ? `1 action attend d’être envoyée${S}: elle ne partira que dans une session de ${name}.`
        : `${count} actions attendent d’être envoyées${S}: elles ne partiront que dans une session de ${name}.`,
    invalid: 'Ce lien n’est pas valable, ou il a déjà servi.',
    failed: (detail: string) => `Le serveur n’a pas répondu (${detail}).`,
  },
  outlook: {
    title: 'Dans les trois heures',
    expected: (what: string, clock: string) =>
      `Modélisé${S}: ${what.toLowerCase()} à partir de ${clock} environ`,
    none: 'Ni verglas ni givre attendu, là où le modèle peut le dire.',
    unknown: (roads: string) => `Inconnu, faute de mesures${S}: ${roads}`,
    basis: (clock: string) =>
      `Calculé à ${clock}, d’après le refroidissement de la chaussée${S}: surface modélisée, non mesurée.`,
  },
  forecast: {
    title: 'Prévision, six heures',
    issued: (source: string, moment: string, ago: string) =>
      `${source}${S}: prévision émise le ${moment} (${ago}).`,
    air: 'Air',
    surface: 'Chaussée',
    precipitation: 'Précipitations',
    unknown: 'inconnu',
    nothing: 'aucune',
    range: (what: string, low: string, high: string) => `${what}${S}: de ${low} à ${high}.`,
    falls: (clock: string, most: string) => `Précipitations à partir de ${clock}, jusqu’à ${most}.`,
    dry: (isAllKnown: boolean): string =>
      isAllKnown ? 'Pas de précipitations.' : 'Pas de précipitations, là où la prévision le dit.',
    precipitationUnknown: `Précipitations${S}: inconnues.`,
    missing: (roads: string) => `Prévision absente ou périmée${S}: ${roads}`,
  },
  waitingTitle: (count: number) => `En attente d’envoi${S}: ${count}`,
  actions: {
    acknowledge: 'Prise en charge',
    'on-my-way': 'En route',
    'turned-back': 'Ne s’y rend plus',
    record: 'Saisie',
  },
  heldFor: (name: string) => `partira dans une session de ${name}`,
  onMyWay: 'En route',
  turnBack: 'Je n’y vais plus',
  onTheWay: (name: string, clock: string) => `${name} est en route depuis ${clock}`,
  record: {
    title: 'Noter',
    treated: 'Traité',
    other: 'Noter…',
    kind: 'Quoi',
    kinds: { condition: 'Constat', decision: 'Décision', treatment: 'Traitement' },
    circuit: 'Circuit',
    section: 'Section',
    sections: 'Sections traitées',
    condition: 'Conditions de conduite',
    conditions: { C1: 'C1 normale', C2: 'C2 délicate', C3: 'C3 difficile', C4: 'C4 impossible' },
    phenomenon: 'Phénomène',
    phenomena: {
      none: 'Aucun',
      hoar: 'Givre',
      ice: 'Verglas',
      'freezing-rain': 'Pluie verglaçante',
      snow: 'Neige',
      slush: 'Neige fondante',
      snowdrift: 'Congères',
      fog: 'Brouillard',
      other: 'Autre',
    } satisfies Record<WinterPhenomenon, string>,
    decision: 'Décision',
    decisions: { treat: 'Traiter', watch: 'Surveiller', 'not-needed': 'Pas de traitement' },
    reason: 'Motif',
    reasons: ['Verglas constaté', 'Verglas attendu', 'Neige', 'Chaussée sèche', 'Déjà traité'],
    otherReason: 'Autre, en remarque',
    reasonInWords: 'Motif en quelques mots',
    product: 'Produit',
    products: {
      salt: 'Sel sec',
      'wetted-salt': 'Bouillie de sel',
      brine: 'Saumure',
      'calcium-chloride': 'Chlorure de calcium',
      abrasive: 'Abrasif',
      none: 'Raclage seul',
    } satisfies Record<TreatmentProduct, string>,
    dosage: 'Dosage, g/m²',
    less: (step: number) => `${step} g/m² de moins`,
    more: (step: number) => `${step} g/m² de plus`,
    photo: 'Prendre une photo',
    noPhoto: 'Cette photo ne peut pas être lue.',
    photoTaken: (number: number, size: string) => `Photo ${number} (${size})`,
    dropPhoto: (number: number) => `Retirer la photo ${number}`,
    time: 'Heure',
    start: 'Début',
    end: 'Fin',
    remark: 'Remarque (facultative)',
    note: 'Enregistrer',
    cancel: 'Abandonner',
    missing: {
      circuit: 'Choisissez le circuit.',
      section: 'Choisissez la section.',
      condition: 'Choisissez les conditions de conduite.',
      phenomenon: 'Choisissez le phénomène.',
      decision: 'Choisissez la décision.',
      reason: 'Choisissez le motif, ou écrivez-le.',
      product: 'Choisissez le produit.',
      dosage: 'Indiquez le dosage, en g/m².',
      time: 'Indiquez l’heure de début, avant la fin.',
      end: 'Indiquez l’heure de fin.',
    } satisfies Record<Missing, string>,
  },
  bands: {
    title: 'État signalé, douze dernières heures',
    span: (from: string, to: string) => `${from} – ${to}`,
    none: 'aucune alerte',
    some: 'Alerte',
  },
  bar: 'Action',
  choose: 'Touchez une alerte pour agir sur elle.',
  acknowledge: 'Prendre en charge',
  acknowledged: (by: string) => `Déjà prise en charge par ${by}.`,
  waiting: 'En attente d’envoi. Elle part dès que la liaison revient.',
  moving: 'Le véhicule roule. Les boutons reviennent à l’arrêt.',
  asPassenger: 'Utilisé par un passager jusqu’au prochain arrêt.',
  passenger: 'Je suis passager',
  signIn:
    'Pour agir, ouvrez d’abord une session dans ce navigateur, avec un lien à usage unique. Demandez-le à la personne qui administre le serveur.',
  signInWaiting: 'Une action attend d’être envoyée, mais la session est fermée.',
  notKept: 'Ce téléphone ne peut pas garder l’action. Rien n’est enregistré.',
  notices: 'À savoir',
  seen: 'J’ai vu',
  outcome: {
    resolved: (what: string, where: string) => `${what}, ${where}${S}: l’alerte était déjà terminée.`,
    changed: (what: string, where: string) =>
      `${what}, ${where}${S}: l’alerte a changé depuis. Elle n’est pas prise en charge, regardez-la à nouveau.`,
    over: (what: string, where: string) =>
      `${what}, ${where}${S}: l’alerte est terminée. Votre départ est noté.`,
    gone: (what: string, where: string) => `${what}, ${where}${S}: l’alerte n’existe plus.`,
    'other-session': (what: string, where: string) =>
      `${what}, ${where}${S}: l’action d’une autre session n’a pas été envoyée.`,
    taken: (what: string, where: string, by: string) =>
      `${what}, ${where}${S}: ${by} l’avait déjà prise en charge.`,
    refused: (what: string, where: string, detail: string) =>
      `${what}, ${where}${S}: le serveur a refusé l’action (${detail}).`,
  },
  announce: {
    lost: 'La liaison est coupée. Ce qui est affiché vieillit.',
    restored: 'La liaison est rétablie.',
    sent: 'L’action en attente est envoyée.',
    fired: (what: string, where: string) => `Nouvelle alerte${S}: ${what}, ${where}`,
    changed: (what: string, where: string) => `L’alerte a changé${S}: ${what}, ${where}`,
  },
}

/** Every language has every text: a key that is missing is a type error. */
export type CrewTexts = typeof crewFr
