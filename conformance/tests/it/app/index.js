const show = (text) => { document.getElementById('text').textContent = text; };
const answer = new URLSearchParams(location.search);
const pending = JSON.parse(sessionStorage.getItem('pending') ?? 'null');
sessionStorage.removeItem('pending');
history.replaceState(null, '', location.pathname);

async function arrive() {
  if (answer.has('error')) return show('Du fikk ikke tilgang. Tilgangen ble avslått i journalsystemet. Åpne appen på nytt derfra.');
  if (!pending || answer.get('state') !== pending.state || !answer.has('code')) return show('Innloggingen kunne ikke bekreftes. Ingenting er hentet. Åpne appen på nytt fra journalsystemet.');
  const form = new URLSearchParams({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: pending.redirect, client_id: 'no.example.pasient', code_verifier: pending.verifier });
  const token = await (await fetch(pending.token, { method: 'POST', body: form })).json();
  if (!token.access_token) return show('Innloggingen kunne ikke bekreftes. Åpne appen på nytt fra journalsystemet.');
  if (!/patient\/Patient\.r/.test(token.scope)) return show('Appen har ikke fått lese pasienten. Be om tilgang i journalsystemet.');
  const headers = { accept: 'application/fhir+json', authorization: `Bearer ${token.access_token}` };
  const response = await fetch(`${pending.iss}/Patient/${token.patient}`, { headers });
  if (response.status === 401) return show('Tilgangen er utløpt. Åpne appen på nytt fra journalsystemet.');
  if (!response.ok) return show('Journalsystemet svarer ikke nå. Vent litt og prøv igjen.');
  const patient = await response.json();
  const [name] = patient.name;
  show(`${name.given.join(' ')} ${name.family}, født ${patient.birthDate}`);
}
arrive().catch(() => show('Noe gikk galt. Åpne appen på nytt fra journalsystemet.'));
