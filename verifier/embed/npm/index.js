// The verifier in JavaScript: a thin hand on the functions of the WebAssembly module. Nothing is
// fetched here unless `refreshTrust` is given a function that fetches.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A refusal, with the verifier's stable code. */
export class Refused extends Error {
  constructor({ code, detail, remedy }) {
    super(`${code}: ${detail}`);
    this.name = 'Refused';
    this.code = code;
    this.detail = detail;
    this.remedy = remedy;
  }
}

/** Makes ready the module: its bytes, a compiled WebAssembly.Module, or a Response with it. */
export async function load(source) {
  const compiled =
    source instanceof WebAssembly.Module
      ? source
      : await WebAssembly.compile(
          typeof source?.arrayBuffer === 'function' ? await source.arrayBuffer() : source,
        );
  const { exports } = await WebAssembly.instantiate(compiled, {});
  return { open: (root, settings, state) => new Verifier(exports, root, settings, state) };
}

/** What is known about approvals. Close it when done: its memory is not the garbage collector's. */
export class Verifier {
  #exports;
  #handle = 0;

  constructor(exports, root, settings, state) {
    this.#exports = exports;
    const out = reserved(exports, 4);
    try {
      this.#call(
        (...bytes) => exports.mp_verifier_open(...bytes.flat(), out),
        [root, JSON.stringify(settings), state == null ? null : JSON.stringify(state)],
      );
      this.#handle = new DataView(exports.memory.buffer).getUint32(out, true);
    } finally {
      exports.mp_free(out, 4);
    }
  }

  /**
   * Brings the trust configuration up to date. `fetchFile` is given a name below the repository's
   * address and the most bytes to read, and gives the bytes, or null when there is no such file.
   */
  async refreshTrust(fetchFile, now = seconds()) {
    this.trustBegin();
    for (let wanted = this.trustWanted(); wanted !== null; wanted = this.trustWanted()) {
      this.trustTake(await fetchFile(wanted.name, wanted.max_len));
    }
    return this.trustUpdate(now);
  }

  /** Forgets the files of a refresh that was broken off. */
  trustBegin() {
    this.#call(() => this.#exports.mp_trust_begin(this.#handle), []);
  }

  trustWanted() {
    return this.#call(() => this.#exports.mp_trust_wanted(this.#handle), []);
  }

  trustTake(file) {
    this.#call((file) => this.#exports.mp_trust_take(this.#handle, ...file), [file]);
  }

  trustUpdate(now = seconds()) {
    return this.#call(() => this.#exports.mp_trust_update(this.#handle, BigInt(now)), []);
  }

  /** Takes in a status list token, as it is served at the address `from` (null: it came another way). */
  updateStatus(token, now = seconds(), from = null) {
    this.#call(
      (token, from) => this.#exports.mp_status_update(this.#handle, ...token, ...from, BigInt(now)),
      [token, from],
    );
  }

  /** Takes in an approval with its ticket; gives what was accepted. */
  ingest(approval, ticket, now = seconds()) {
    return this.#call(
      (approval, ticket) => this.#exports.mp_ingest(this.#handle, ...approval, ...ticket, BigInt(now)),
      [approval, ticket],
    );
  }

  /** Decides about a launch; gives what it rests on. */
  launch(request, now = seconds()) {
    return this.#call(
      (request) => this.#exports.mp_launch(this.#handle, ...request, BigInt(now)),
      [JSON.stringify(request)],
    );
  }

  /** The state, for `open` in another session. */
  save() {
    return this.#call(() => this.#exports.mp_verifier_save(this.#handle), []);
  }

  close() {
    this.#exports.mp_verifier_close(this.#handle);
    this.#handle = 0;
  }

  /** Lays the inputs into the module's memory, calls, and reads and frees the answer. */
  #call(act, inputs) {
    const exports = this.#exports;
    const laid = [];
    try {
      for (const input of inputs) laid.push(lay(exports, input));
      const answer = act(...laid);
      try {
        const start = exports.mp_answer_json(answer);
        const bytes = new Uint8Array(exports.memory.buffer, start, exports.mp_answer_len(answer));
        const value = JSON.parse(decoder.decode(bytes));
        if (exports.mp_answer_status(answer) !== 0) throw new Refused(value);
        return value;
      } finally {
        exports.mp_answer_free(answer);
      }
    } finally {
      for (const [start, length] of laid) if (start !== 0) exports.mp_free(start, length);
    }
  }
}

/** Start and length of the input in the module's memory; [0, 0] for what is not there. */
function lay(exports, input) {
  if (input == null) return [0, 0];
  const bytes =
    typeof input === 'string' ? encoder.encode(input) : input instanceof Uint8Array ? input : new Uint8Array(input);
  const start = reserved(exports, bytes.length);
  new Uint8Array(exports.memory.buffer, start, bytes.length).set(bytes);
  return [start, bytes.length];
}

function reserved(exports, length) {
  const start = exports.mp_alloc(length);
  if (start === 0) throw new RangeError(`the verifier has no memory for ${length} bytes`);
  return start;
}

const seconds = () => Math.floor(Date.now() / 1000);
