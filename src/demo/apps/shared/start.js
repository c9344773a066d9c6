// The course every app follows on its redirect page: session, patient, data, view.

import { notice, showContent, showPatient, showTrouble, waiting } from "./page.js";
import { Trouble } from "./trouble.js";

/**
 * @param {object} app
 * @param {() => Promise<object>} app.arrive gives a session
 * @param {string} app.type the resource type the app is about
 * @param {string} app.data what that is called in a sentence
 * @param {Record<string, string>} app.query the search, without the patient
 * @param {(found: {resources: object[], complete: boolean}) => {summary: string, nodes: Node[]}} app.view
 */
export async function start(app) {
  try {
    waiting("Logger inn …");
    const session = await app.arrive();
    await load(app, session);
  } catch (thrown) {
    showTrouble(Trouble.from(thrown));
  }
}

async function load(app, session) {
  try {
    waiting("Henter opplysninger …");
    showPatient(await readPatient(session));
    const { summary, nodes } = app.view(await readData(app, session));
    const part = session.grants(app.type, "s") === "part";
    showContent(summary, part ? notice("Journalsystemet har gitt tilgang til et utvalg. Det kan finnes flere opplysninger i journalen.") : null, ...nodes);
  } catch (thrown) {
    const trouble = Trouble.from(thrown);
    if (["expired", "wrong-patient"].includes(trouble.kind)) showPatient(null);
    showTrouble(trouble, () => load(app, session));
  }
}

async function readPatient(session) {
  if (session.grants("Patient", "r") === "none") throw new Trouble("no-patient-access");
  const patient = await session.read("Patient", session.patient);
  if (patient.id !== session.patient) throw new Trouble("wrong-patient");
  return patient;
}

async function readData(app, session) {
  if (session.grants(app.type, "s") === "none") throw new Trouble("no-data-access", { detail: app.data });
  const found = await session.search(app.type, { patient: session.patient, ...app.query });
  if (!found.resources.every(({ subject }) => session.isPatient(subject?.reference))) throw new Trouble("wrong-patient");
  return found;
}

/** The course of the launch page: off to the authorization server, or a word on why not. */
export async function begin(launch) {
  try {
    waiting("Kobler til journalsystemet …");
    await launch();
  } catch (thrown) {
    showTrouble(Trouble.from(thrown));
  }
}
