// The medication list: what is in use now first, then what is on hold, then what has ended.

import { el } from "./shared/dom.js";
import { dateInWords, hasCode, inWords, trusted } from "./shared/fhir.js";
import { notice } from "./shared/page.js";

/** The search for medications, without the patient. */
export const MEDICATION_QUERY = { _count: "100" };

const GROUPS = [
  { title: "Faste legemidler", holds: (one) => one.status === "active" && one.use === "regular" },
  { title: "Kurer", holds: (one) => one.status === "active" && one.use === "course" },
  { title: "Ved behov", holds: (one) => one.status === "active" && one.use === "as-needed" },
  { title: "I bruk", holds: (one) => one.status === "active" && one.use === "unknown" },
  { title: "Satt på pause", holds: (one) => one.status === "on-hold" },
  { title: "Utkast og uavklarte", holds: (one) => one.status === "draft" || one.status === "unknown" },
];
const ENDED = new Set(["completed", "stopped"]);
const COURSE = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy";
const ATC = "http://www.whocc.no/atc";

/** What the page shows of a search for medications. */
export function medicationView({ resources, complete }) {
  const { readable, unread } = trusted(resources.filter(({ intent }) => intent !== "proposal"));
  const all = readable.map(medication).sort((a, b) => a.name.localeCompare(b.name, "nb"));
  const current = all.filter(({ status }) => status === "active").length;
  const ended = all.filter(({ status }) => ENDED.has(status));
  const nodes = [
    complete ? null : notice("Journalen har flere legemidler enn appen viser."),
    unread ? notice(`${unread === 1 ? "1 legemiddel" : `${unread} legemidler`} i journalen lot seg ikke tolke og er utelatt. Se journalen.`) : null,
    ...GROUPS.map((group) => section(group.title, all.filter(group.holds))),
    ended.length ? el("details", {}, el("summary", {}, `Avsluttede (${ended.length})`), list(ended)) : null,
  ];
  return { summary: summary(all.length, current, unread), nodes };
}

function summary(all, current, unread) {
  if (all === 0) return unread ? "Ingen legemidler kan vises." : "Ingen legemidler er registrert i journalen.";
  return current === 1 ? "1 legemiddel i bruk." : `${current} legemidler i bruk.`;
}

function medication(resource) {
  const concept = resource.medicationCodeableConcept;
  return {
    name: concept ? inWords(concept) : resource.medicationReference?.display || "Legemiddel uten navn",
    code: concept?.coding?.find(({ system }) => system === ATC)?.code,
    status: resource.status,
    use: use(resource),
    dosage: (resource.dosageInstruction ?? []).map(({ text, patientInstruction }) => text || patientInstruction).filter(Boolean),
    reason: (resource.reasonCode ?? []).filter(({ text, coding }) => text || coding?.some(({ display }) => display)).map(inWords),
    since: resource.authoredOn,
    by: resource.requester?.display,
  };
}

function use({ dosageInstruction = [], courseOfTherapyType: course }) {
  if (dosageInstruction.some(({ asNeededBoolean, asNeededCodeableConcept }) => asNeededBoolean || asNeededCodeableConcept)) return "as-needed";
  if (hasCode(course, COURSE, "acute") || course?.text === "Kur") return "course";
  if (hasCode(course, COURSE, "continuous") || course?.text === "Fast") return "regular";
  return "unknown";
}

function section(title, medications) {
  return medications.length ? el("section", {}, el("h2", {}, title), list(medications)) : null;
}

function list(medications) {
  return el("ul", { class: "cards" }, ...medications.map(card));
}

function card(one) {
  const origin = [one.since ? `Forskrevet ${dateInWords(one.since)}` : null, one.by, one.code ? `ATC ${one.code}` : null].filter(Boolean);
  return el(
    "li",
    {},
    el("h3", {}, one.name),
    ...(one.dosage.length ? one.dosage : ["Dosering er ikke oppgitt"]).map((text) => el("p", {}, text)),
    one.reason.length ? el("p", {}, `Brukes for: ${one.reason.join(", ")}`) : null,
    el("p", { class: "subtle" }, origin.join(" · ")),
  );
}
