// Verifies an approval in this browser, with the verifier that EPJs embed. The documents come from
// the registry; what is believed of them is decided here, from the root document alone.
const box = document.querySelector("[data-verify]");
const output = box.querySelector("[data-verify-result]");
const buttons = [...box.querySelectorAll("button")];
let loading;

async function fetched(address) {
  const answer = await fetch(address, { cache: "no-cache" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

async function text(address) {
  const answer = await fetched(address);
  if (!answer) throw new Error(`${address}: 404`);
  return answer.text();
}

const file = async (name) => (await fetched(`/trust/${name}`))?.arrayBuffer() ?? null;

/** The root document that the reader brings, or the one that the registry says everybody pins. */
async function pinned() {
  const [own] = box.querySelector("input[type=file]").files;
  const root = own ? await own.text() : await text("/trust/1.root.json");
  // Browsers digest only on secure origins; the verification does not need it.
  const hash = await crypto.subtle?.digest("SHA-256", new TextEncoder().encode(root));
  const hex = hash && [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { root, hex };
}

/** The claims, before anything about them is believed: only to find the list that they name. */
function claims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))));
}

/** Another character in the middle of the payload. */
function changed(token) {
  const at = Math.floor(token.length / 2);
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

/** What an earlier visit has seen, so that a registry that goes back is found out. */
const memory = {
  read: (key) => { try { return JSON.parse(localStorage.getItem(key)) ?? undefined; } catch { return undefined; } },
  write: (key, state) => { try { localStorage.setItem(key, JSON.stringify(state)); } catch { /* it may not keep anything */ } },
};

/** What an earlier version of the verifier has kept may be unreadable now; then it begins anew. */
function opened(module, root, state) {
  const settings = { environment: box.dataset.environment };
  if (state === undefined) return module.open(root, settings);
  try { return module.open(root, settings, state); } catch { return module.open(root, settings); }
}

async function verify(change) {
  const { load } = await import(box.dataset.script);
  loading ??= fetch(box.dataset.module).then(load);
  const [module, { root, hex }, token, ticket] =
    await Promise.all([loading, pinned(), text(box.dataset.approval), text(box.dataset.ticket)]);
  const key = `verifier ${hex}`;
  const verifier = opened(module, root, hex && memory.read(key));
  try {
    await verifier.refreshTrust(file);
    const list = claims(token).status.status_list.uri;
    verifier.updateStatus((await text(new URL(list).pathname)).trim(), Math.floor(Date.now() / 1000), list);
    const began = performance.now();
    const accepted = verifier.ingest((change ? changed : String)(token).trim(), ticket);
    const took = performance.now() - began;
    return { ...accepted, took: took.toFixed(1), root: hex ?? "–" };
  } finally {
    // What it saw before it refused counts too: the list that suspends, the other half of a fork.
    try { if (hex && !change) memory.write(key, verifier.save()); } finally { verifier.close(); }
  }
}

/** Shows the prepared text of this outcome with its blanks filled in. */
function show(outcome, facts) {
  const shown = box.querySelector(`template[data-outcome="${outcome}"]`).content.cloneNode(true);
  for (const blank of shown.querySelectorAll("[data-fact]")) blank.textContent = facts[blank.dataset.fact];
  for (const link of shown.querySelectorAll("a[data-code]")) link.href += facts.code;
  output.replaceChildren(shown);
}

const when = (seconds) => new Date(seconds * 1000).toLocaleString(document.documentElement.lang, { timeZone: "Europe/Oslo" });

for (const button of buttons) {
  button.addEventListener("click", async () => {
    for (const other of buttons) other.disabled = true;
    try {
      const accepted = await verify(button.hasAttribute("data-change"));
      show("accepted", { ...accepted, witnessed_at: when(accepted.witnessed_at) });
    } catch (error) {
      if (error.code) show("refused", error);
      else show("failed", { detail: error.message });
    }
    for (const other of buttons) other.disabled = false;
  });
}
box.hidden = false;
