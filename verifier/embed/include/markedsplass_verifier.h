/* Offline verification of app approvals: what an EPJ (EHR) embeds.
 *
 * Nothing here uses the network, a file or a clock: the caller gives the bytes and the time. Every
 * function that can fail answers with an mp_answer, which holds a status and JSON in UTF-8; free it
 * with mp_answer_free. What a refusal's JSON holds: "code" (stable, E_...), "detail", "remedy".
 *
 * Threads: any number may call mp_launch and mp_verifier_save on one verifier at the same time, as
 * long as none calls another function on it meanwhile. Different verifiers are independent.
 *
 * Times are Unix seconds. Strings have a length and need no final zero. A thing is left out by NULL
 * alone; a length that nothing can have is misuse.
 *
 * A defect of the verifier's own is answered as misuse, and the verifier is to be opened anew from a
 * saved state. In WebAssembly it is a trap instead: then load the module anew.
 */
#ifndef MARKEDSPLASS_VERIFIER_H
#define MARKEDSPLASS_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mp_verifier mp_verifier;
typedef struct mp_answer mp_answer;

enum {
  MP_ACCEPTED = 0, /* done; the JSON holds the result */
  MP_REFUSED = 1,  /* the verifier says no; the JSON says why */
  MP_MISUSE = 2    /* the call was wrong; the JSON says how */
};

/* Opens a verifier that trusts nothing but `root`: a root document (N.root.json) that must have come
 * another way than the rest, with the software or on paper.
 *
 * `settings`, JSON: {"environment": "test" | "pilot" | "prod"} and, if wanted, "min_content_level"
 * ("origin", "manifest", "bundle"), "min_assurance" ("jose-only", "logged"), "risk_class" ("high",
 * "normal", "offline"), "allowed_software" (a list of software ids).
 *
 * `state` is what mp_verifier_save gave, or NULL. On success *verifier is a handle for
 * mp_verifier_close, else NULL. */
mp_answer *mp_verifier_open(const uint8_t *root, size_t root_len,
                            const uint8_t *settings, size_t settings_len,
                            const uint8_t *state, size_t state_len,
                            mp_verifier **verifier);

/* Closes a verifier; NULL is passed over. */
void mp_verifier_close(mp_verifier *verifier);

/* The state as JSON. Save it after every change, where the root document is kept. */
mp_answer *mp_verifier_save(const mp_verifier *verifier);

/* Refreshes the trust configuration, one file after the other:
 *
 *   mp_trust_begin forgets what a refresh that was broken off has left behind;
 *   while mp_trust_wanted answers {"name": ..., "max_len": ...} and not null,
 *     fetch that name below the trust repository's address, at most max_len bytes, and give it to
 *     mp_trust_take; NULL when it is not there (HTTP 404);
 *   then mp_trust_update verifies all of it. */
mp_answer *mp_trust_begin(mp_verifier *verifier);
mp_answer *mp_trust_wanted(mp_verifier *verifier);
mp_answer *mp_trust_take(mp_verifier *verifier, const uint8_t *file, size_t file_len);
mp_answer *mp_trust_update(mp_verifier *verifier, int64_t now);

/* Takes in a status list token, as it is served. `from` is the address that it was fetched from, or
 * NULL when it came another way; a list of another address is refused then. */
mp_answer *mp_status_update(mp_verifier *verifier, const uint8_t *token, size_t token_len,
                            const uint8_t *from, size_t from_len, int64_t now);

/* Takes in an approval with its ticket (tlog-proof). `ticket` may be NULL when the settings say
 * "jose-only". The result holds "software_id", "software_version", "log_index", "witnessed_at",
 * "in_force" and the "approval" itself; null for one that is not in force, because a newer one of the
 * same version is known. */
mp_answer *mp_ingest(mp_verifier *verifier, const uint8_t *approval, size_t approval_len,
                     const uint8_t *ticket, size_t ticket_len, int64_t now);

/* Decides about a launch, in memory. `request`, JSON: "software_id", "software_version" and
 * "organization_id" as registered for the client, and what the step of the flow knows: "content"
 * ({"bundle": "sha256-..."} or {"manifest": "sha256-...", "observed_at": seconds}),
 * "launch_uri", "redirect_uri", "scope", "client" ({"key": RFC 7638 thumbprint, "dpop": true}). */
mp_answer *mp_launch(const mp_verifier *verifier, const uint8_t *request, size_t request_len,
                     int64_t now);

/* What an answer holds. The JSON has no final zero and lives until the answer is freed. */
int32_t mp_answer_status(const mp_answer *answer);
const uint8_t *mp_answer_json(const mp_answer *answer);
size_t mp_answer_len(const mp_answer *answer);
void mp_answer_free(mp_answer *answer);

/* Memory for callers that cannot bring their own (WebAssembly); NULL when there is not that much. */
uint8_t *mp_alloc(size_t len);
void mp_free(uint8_t *memory, size_t len);

#ifdef __cplusplus
}
#endif

#endif
