// The page around every app: who the patient is, what is going on, and the content.

import { el } from "./dom.js";
import { dateInWords, nameOf } from "./fhir.js";

const place = (id) => document.getElementById(id);

/** Says that something is under way. */
export function waiting(text) {
  place("status").replaceChildren(el("p", { class: "waiting" }, text));
  place("main").setAttribute("aria-busy", "true");
}

/** Shows the patient of this launch, or nobody. */
export function showPatient(patient) {
  if (!patient) return place("patient").replaceChildren();
  const gender = { female: "Kvinne", male: "Mann", other: "Annet", unknown: "Ukjent" }[patient.gender];
  return place("patient").replaceChildren(
    el(
      "dl",
      { class: "patient" },
      pair("Pasient", nameOf(patient), "name"),
      pair("Født", dateInWords(patient.birthDate)),
      gender ? pair("Kjønn", gender) : null,
      patient.deceasedBoolean || patient.deceasedDateTime ? pair("Status", "Død") : null,
    ),
  );
}

/** Shows what the app is for, and says what was found. */
export function showContent(summary, ...nodes) {
  place("status").replaceChildren(el("p", { class: "done" }, summary));
  place("content").replaceChildren(...nodes.filter(Boolean));
  place("main").setAttribute("aria-busy", "false");
}

/** Shows a trouble in place of the content. */
export function showTrouble(trouble, retry) {
  const again = trouble.passing && retry ? el("button", { type: "button", onclick: retry }, "Prøv igjen") : null;
  place("status").replaceChildren();
  place("content").replaceChildren(
    el("div", { class: "trouble", role: "alert", "data-trouble": trouble.kind }, el("h2", {}, trouble.title), el("p", {}, trouble.text), again),
  );
  place("main").setAttribute("aria-busy", "false");
}

/** A remark beside the content: something is left out, or may be. */
export function notice(text) {
  return el("p", { class: "notice" }, text);
}

function pair(term, value, kind) {
  return el("div", {}, el("dt", {}, term), el("dd", { class: kind }, value));
}
