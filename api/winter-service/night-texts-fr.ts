import type { AlertEventType } from '../../model/alert.ts'
import type { ResponseKind } from '../../model/response.ts'
import type { TreatmentProduct, WinterDecision, WinterPhenomenon } from '../../model/winter-service.ts'
import type { ServiceLevel } from './service-level.ts'

/** What the printed log of a night says. */
export const fr = {
  title: 'Journal de viabilité hivernale',
  other: 'English',
  colon: ' : ',
  night: (from: string, to: string, hours: number, zone: string) =>
    `Nuit du ${from} au ${to}, ${hours} h, heure de ${zone}.`,
  running: 'Cette nuit n’est pas terminée : le journal peut encore s’allonger.',
  made: (at: string) => `Établi le ${at}.`,
  chain: (length: number) =>
    `Tête de la chaîne de scellement (${length} événement${length > 1 ? 's' : ''}) :`,
  registry: 'Niveaux de service d’après le registre :',
  clocks:
    'L’heure d’un fait est celle que son auteur a donnée ; « reçu » est l’heure du serveur. Le scellement montre qu’une ligne n’a pas été modifiée depuis, non que ce qu’elle dit est exact.',
  login: 'Ce journal n’est pas public : ouvrez d’abord une session par votre lien à usage unique.',
  columns: {
    time: 'Heure',
    alert: 'Alerte',
    condition: 'Constat',
    decision: 'Décision',
    treatment: 'Traitement',
    level: 'Niveau de service',
    seal: 'Scellement',
  },
  levels: 'Niveau de service pendant la nuit',
  empty: 'Rien n’a été enregistré.',
  open: (count: number) =>
    count === 1 ? '1 alerte sans décision enregistrée.' : `${count} alertes sans décision enregistrée.`,
  isOpen: 'Sans décision',
  before: 'en cours au début de la nuit',
  alertEvents: {
    fired: 'Déclenchée',
    worsened: 'Aggravée',
    changed: 'Changée',
    're-alarmed': 'Dure encore',
    acknowledged: 'Prise en charge',
    shelved: 'Mise en attente',
    unshelved: 'De nouveau annoncée',
    resolved: 'Terminée',
  } satisfies Record<AlertEventType, string>,
  responses: {
    'on-my-way': 'En route',
    'turned-back': 'Ne s’y rend plus',
  } satisfies Record<ResponseKind, string>,
  photo: 'Photo du traitement',
  by: (author: string) => `par ${author}`,
  received: (at: string) => `reçu ${at}`,
  corrected: 'corrigé ci-dessous',
  correction: (at: string, reason: string) => `Correction du ${at} : ${reason}`,
  withdrawal: (at: string, reason: string) => `Annulation du ${at} : ${reason}`,
  elsewhere: (circuit: string) => `circuit ${circuit}`,
  wholeCircuit: 'tout le circuit',
  until: (at: string) => `jusqu’à ${at}`,
  answers: (alert: string) => `alerte ${alert}`,
  row: (position: number) => `n° ${position}`,
  conditions: { C1: 'normale', C2: 'délicate', C3: 'difficile', C4: 'impossible' },
  phenomena: {
    none: 'aucun phénomène',
    hoar: 'givre',
    ice: 'verglas',
    'freezing-rain': 'pluie verglaçante',
    snow: 'neige',
    slush: 'neige fondante',
    snowdrift: 'congères',
    fog: 'brouillard',
    other: 'autre phénomène',
  } satisfies Record<WinterPhenomenon, string>,
  decisions: {
    treat: 'Traiter',
    watch: 'Surveiller',
    'not-needed': 'Pas de traitement',
  } satisfies Record<WinterDecision, string>,
  products: {
    salt: 'sel sec',
    'wetted-salt': 'sel humidifié (bouillie)',
    brine: 'saumure',
    'calcium-chloride': 'chlorure de calcium',
    abrasive: 'abrasif',
    none: 'raclage sans produit',
  } satisfies Record<TreatmentProduct, string>,
  levelStates: {
    'in-force': 'en vigueur',
    'out-of-hours': 'hors horaires',
    'out-of-season': 'hors saison',
  } satisfies Record<ServiceLevel['state'], string>,
  reference: (condition: string) => `référence ${condition}`,
  minimum: (condition: string) => `minimale ${condition}`,
  returnTime: (hours: string) => `délai de retour ${hours} h`,
}
