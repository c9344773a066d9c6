// Everything that can go wrong for a SMART app, as one type with a text for the person in front of
// the screen. No trouble is ever shown as "nothing found".

export class Trouble extends Error {
  /**
   * @param {keyof typeof TEXTS} kind what happened
   * @param {{status?: number, wait?: number, detail?: string}} facts what is known about it
   */
  constructor(kind, facts = {}) {
    super(facts.detail ? `${kind}: ${facts.detail}` : kind);
    this.name = "Trouble";
    this.kind = kind;
    this.facts = facts;
  }

  get title() {
    return TEXTS[this.kind].title;
  }

  get text() {
    const { text } = TEXTS[this.kind];
    return typeof text === "function" ? text(this.facts) : text;
  }

  /** Whether the same request may succeed later without a new launch. */
  get passing() {
    return TEXTS[this.kind].passing === true;
  }

  /** The trouble behind an HTTP answer that is not a success. */
  static fromStatus(status, retryAfter) {
    const wait = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
    if (status === 401) return new Trouble("expired", { status });
    if (status === 403) return new Trouble("forbidden", { status });
    if (status === 404 || status === 410) return new Trouble("missing", { status });
    if (status === 429 || status === 503) return new Trouble("busy", { status, wait });
    if (status >= 500) return new Trouble("server", { status });
    return new Trouble("refused", { status });
  }

  /** Any thrown value as a trouble. */
  static from(thrown) {
    if (thrown instanceof Trouble) return thrown;
    if (thrown?.name === "TimeoutError" || thrown?.name === "AbortError") return new Trouble("slow");
    if (thrown instanceof TypeError) return new Trouble("unreachable", { detail: thrown.message });
    return new Trouble("unexpected", { detail: thrown?.message });
  }
}

const AGAIN = "Start appen på nytt fra pasientens journal.";

const TEXTS = {
  "not-launched": {
    title: "Åpne appen fra journalen",
    text: "Appen vet ikke hvem pasienten er før du starter den fra pasientens journal i journalsystemet.",
  },
  "unknown-issuer": {
    title: "Ukjent journalsystem",
    text: "Appen er ikke satt opp for journalsystemet som startet den. Den har ikke sendt eller hentet noe.",
  },
  discovery: {
    title: "Journalsystemet lar seg ikke koble til",
    text: "Appen fant ikke oppsettet for sikker innlogging hos journalsystemet. Den fortsetter ikke uten. " + AGAIN,
  },
  denied: {
    title: "Appen fikk ikke tilgang",
    text: "Tilgangen ble avslått. Ingen opplysninger er hentet. " + AGAIN,
  },
  authorization: {
    title: "Innloggingen ble stoppet",
    text: "Journalsystemet avbrøt innloggingen. Ingen opplysninger er hentet. " + AGAIN,
  },
  state: {
    title: "Svaret hører ikke til denne økten",
    text: "Appen mottok et svar den ikke har bedt om, og har sett bort fra det. " + AGAIN,
  },
  token: {
    title: "Appen fikk ikke tilgang",
    text: "Journalsystemet godtok ikke innloggingen. Ingen opplysninger er hentet. " + AGAIN,
  },
  "no-patient": {
    title: "Ingen pasient er valgt",
    text: "Journalsystemet oppga ikke hvem pasienten er. Velg en pasient i journalen og start appen derfra.",
  },
  "wrong-patient": {
    title: "Opplysningene gjelder en annen pasient",
    text: "Journalsystemet svarte med opplysninger om en annen enn pasienten som er valgt. Appen viser dem ikke. " + AGAIN,
  },
  "no-patient-access": {
    title: "Mangler tilgang til pasientens navn",
    text: "Appen har ikke fått tilgang til å lese hvem pasienten er, og viser derfor ingen opplysninger. " + AGAIN,
  },
  "no-data-access": {
    title: "Mangler tilgang til opplysningene",
    text: ({ detail }) => `Appen har ikke fått tilgang til ${detail}. Det kan finnes opplysninger i journalen som ikke vises her.`,
  },
  expired: {
    title: "Tilgangen er utløpt",
    text: "Appen har ikke lenger tilgang til journalen, og viser derfor ingen opplysninger. " + AGAIN,
  },
  forbidden: {
    title: "Ingen tilgang",
    text: "Journalsystemet gir ikke appen tilgang til disse opplysningene. Det kan finnes opplysninger som ikke vises her.",
  },
  missing: {
    title: "Opplysningene finnes ikke lenger",
    text: "Journalsystemet finner ikke det appen spurte etter. " + AGAIN,
  },
  busy: {
    title: "Journalsystemet er opptatt",
    text: ({ wait }) =>
      wait ? `Opplysningene er ikke hentet. Prøv igjen om ${wait} ${wait === 1 ? "sekund" : "sekunder"}.` : "Opplysningene er ikke hentet. Vent litt og prøv igjen.",
    passing: true,
  },
  server: {
    title: "Feil i journalsystemet",
    text: ({ status }) => `Journalsystemet svarte med feil ${status}. Opplysningene er ikke hentet. Prøv igjen, eller bruk journalen.`,
    passing: true,
  },
  refused: {
    title: "Journalsystemet forsto ikke spørsmålet",
    text: ({ status }) => `Opplysningene er ikke hentet (feil ${status}). Bruk journalen, og meld fra til leverandøren av appen.`,
  },
  unreadable: {
    title: "Svaret lot seg ikke lese",
    text: "Journalsystemet svarte med noe appen ikke forstår. Opplysningene vises ikke. Bruk journalen.",
    passing: true,
  },
  unreachable: {
    title: "Ingen kontakt med journalsystemet",
    text: "Opplysningene er ikke hentet. Sjekk nettet og prøv igjen.",
    passing: true,
  },
  slow: {
    title: "Journalsystemet svarer ikke",
    text: "Appen ventet så lenge den kunne. Opplysningene er ikke hentet. Prøv igjen.",
    passing: true,
  },
  unexpected: {
    title: "Noe gikk galt i appen",
    text: "Opplysningene vises ikke. " + AGAIN,
  },
};
