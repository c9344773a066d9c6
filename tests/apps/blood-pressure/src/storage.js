// Storage for fhirclient: the pending launch survives the redirect in sessionStorage; what comes
// after the token exchange stays in memory, so that no token is ever written down.

const memory = new Map();
let exchanged = false;

export const storage = {
  async get(key) {
    if (memory.has(key)) return memory.get(key);
    const text = typeof key === "string" ? sessionStorage.getItem(key) : null;
    return text ? JSON.parse(text) : null;
  },

  async set(key, value) {
    if (exchanged) memory.set(key, value);
    else sessionStorage.setItem(key, JSON.stringify(value));
    return value;
  },

  async unset(key) {
    const known = memory.delete(key) || sessionStorage.getItem(key) !== null;
    sessionStorage.removeItem(key);
    return known;
  },
};

/** Takes what is pending out of sessionStorage into memory: it is used once, whatever comes of it. */
export function takePending() {
  for (const key of Object.keys(sessionStorage)) memory.set(key, JSON.parse(sessionStorage.getItem(key)));
  sessionStorage.clear();
  exchanged = true;
}
