// As registered: the client and the scope stand in app.json and version.json too.
export const CLIENT_ID = FAULTY ? "no.maaling.blodtrykk-feil" : "no.maaling.blodtrykk";
export const SCOPE = "launch patient/Patient.r patient/Observation.rs";
export const REDIRECT = "index.html";
