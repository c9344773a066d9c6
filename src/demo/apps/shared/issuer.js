// Which systems may launch us: those that live in the same domain as the place we are served from.
// An uploaded app is served at `<digest>.apps.<domain>`, and the systems beside it at `<domain>`.

/** Whether an `iss` belongs to the domain that serves this app. */
export function knownIssuer(iss, host = location.hostname) {
  if (!URL.canParse(iss)) return false;
  const url = new URL(iss);
  if (url.username || url.password || url.search || url.hash) return false;
  if (isLoopback(url.hostname)) return isLoopback(host) && /^https?:$/.test(url.protocol);
  const domain = host.slice(host.indexOf(".apps.") + 1).replace(/^apps\./, "");
  return url.protocol === "https:" && (url.hostname === domain || url.hostname.endsWith(`.${domain}`));
}

function isLoopback(host) {
  return host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1" || host === "[::1]";
}
