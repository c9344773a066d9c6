// As registered: the same client, scope and redirect address stand in version.json.
export const REGISTRATION = {
  clientId: "no.markedsplass.laboratoriesvar",
  scope: "launch patient/Patient.r patient/Observation.rs",
  redirectUri: "index.html",
};
