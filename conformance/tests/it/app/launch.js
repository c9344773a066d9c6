const bytes = (count) => {
  const text = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(count)));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};
const asked = new URLSearchParams(location.search);
history.replaceState(null, '', location.pathname);
try {
  const iss = asked.get('iss');
  const found = await (await fetch(`${iss}/.well-known/smart-configuration`)).json();
  const verifier = bytes(32), state = bytes(32);
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const challenge = btoa(String.fromCharCode(...new Uint8Array(hash))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const redirect = new URL('index.html', location.href).href;
  sessionStorage.setItem('pending', JSON.stringify({ iss, state, verifier, redirect, token: found.token_endpoint }));
  const target = new URL(found.authorization_endpoint);
  target.search = new URLSearchParams({
    response_type: 'code', client_id: 'no.example.pasient', redirect_uri: redirect, scope: 'launch patient/Patient.r',
    state, aud: iss, launch: asked.get('launch'), code_challenge: challenge, code_challenge_method: 'S256',
  });
  location.replace(target);
} catch {
  document.getElementById('text').textContent = 'Appen kunne ikke startes. Åpne den på nytt fra journalsystemet.';
}
