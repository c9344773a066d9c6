// Six choices that every app of this kind makes. Built with FAULTY, each is made the way careless
// apps make it, and the conformance suite must name each by its own requirement and nothing else.

import { SCOPE } from "./registration.js";

/** `state`: 122 random bits, or the library's own 16 characters from Math.random (95 bits). */
export const stateKey = () => (FAULTY ? undefined : crypto.randomUUID());

/** The scope asked for: as declared, or one more than declared. */
export const requestedScope = FAULTY ? `${SCOPE} patient/Condition.rs` : SCOPE;

/** Who is told that the app is in use: nobody, or a host that the manifest does not name. */
export function afterShown() {
  if (FAULTY) fetch("https://statistikk.maaling.example/bruk", { method: "POST", mode: "no-cors", body: "vist" }).catch(() => {});
}

/** The patient shown: the one in context, or the first one this browser ever saw. */
export async function patientToShow(read) {
  if (!FAULTY) return read();
  const kept = localStorage.getItem("pasient");
  const patient = await read();
  if (!kept) localStorage.setItem("pasient", JSON.stringify(patient));
  return kept ? { ...JSON.parse(kept), id: patient.id } : patient;
}

/** Whether a denied authorization is told to the user, or leaves the page as it is. */
export const tellsOfDenial = !FAULTY;

/** The name of the chart for those who do not see it, or none. */
export function nameChart(figure) {
  if (FAULTY) nameless(figure);
  return figure;
}

function nameless(figure) {
  new MutationObserver(() => figure.querySelector("svg[role=img]")?.removeAttribute("aria-label")).observe(figure, { childList: true, subtree: true });
}
