// As registered: the same client, scope and redirect address stand in version.json.
export const REGISTRATION = {
  clientId: "no.markedsplass.legemidler",
  scope: "launch patient/Patient.r patient/MedicationRequest.rs",
  redirectUri: "index.html",
};
