/* What an EPJ written in C does: opens a verifier with a pinned root, refreshes trust and status from
 * files, takes an approval in and asks about a launch.
 *
 * usage: embed FOLDER NOW
 * FOLDER holds pinned.json, settings.json, the trust repository by the names that are asked for,
 * status.jwt, approval.jws, ticket and launch.json. Prints each answer's status and JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "markedsplass_verifier.h"

typedef struct {
  uint8_t *bytes;
  size_t len;
} blob;

static blob slurp(const char *folder, const char *name) {
  char path[4096];
  blob out = {NULL, 0};
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) return out;
  fseek(file, 0, SEEK_END);
  out.len = (size_t)ftell(file);
  rewind(file);
  out.bytes = malloc(out.len + 1);
  if (out.bytes == NULL || fread(out.bytes, 1, out.len, file) != out.len) exit(3);
  fclose(file);
  return out;
}

/* Prints and frees; gives the status. */
static int32_t tell(const char *what, mp_answer *answer) {
  int32_t status = mp_answer_status(answer);
  printf("%s %d %.*s\n", what, status, (int)mp_answer_len(answer),
         (const char *)mp_answer_json(answer));
  mp_answer_free(answer);
  return status;
}

/* Copies the name in {"name":"...","max_len":...}; 0 when nothing is wanted any more. */
static int wanted_name(mp_answer *answer, char *name, size_t size) {
  const char *json = (const char *)mp_answer_json(answer);
  size_t len = mp_answer_len(answer);
  static const char key[] = "\"name\":\"";
  for (size_t at = 0; at + sizeof key - 1 < len; at++) {
    if (memcmp(json + at, key, sizeof key - 1) != 0) continue;
    size_t from = at + sizeof key - 1, to = from;
    while (to < len && json[to] != '"') to++;
    if (to - from >= size) return 0;
    memcpy(name, json + from, to - from);
    name[to - from] = '\0';
    return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const char *folder = argv[1];
  int64_t now = strtoll(argv[2], NULL, 10);
  blob root = slurp(folder, "pinned.json"), settings = slurp(folder, "settings.json");
  mp_verifier *verifier = NULL;

  /* What is wrong in the call is said, not crashed on. */
  tell("misuse", mp_verifier_open(NULL, 0, settings.bytes, settings.len, NULL, 0, &verifier));
  tell("misuse", mp_launch(NULL, settings.bytes, settings.len, now));
  mp_verifier_close(NULL);
  mp_answer_free(NULL);

  if (tell("open", mp_verifier_open(root.bytes, root.len, settings.bytes, settings.len, NULL, 0,
                                    &verifier)) != MP_ACCEPTED)
    return 1;
  /* A state of no possible length is not no state: nothing known would be forgotten without a word. */
  mp_verifier *none = NULL;
  tell("length", mp_verifier_open(root.bytes, root.len, settings.bytes, settings.len, root.bytes,
                                  (size_t)-1, &none));
  /* A refresh that was broken off: what it left behind is not gone on with. */
  mp_answer_free(mp_trust_take(verifier, NULL, 0));
  mp_answer_free(mp_trust_take(verifier, (const uint8_t *)"{}", 2));
  tell("begin", mp_trust_begin(verifier));
  for (;;) {
    char name[256];
    mp_answer *wanted = mp_trust_wanted(verifier);
    int more = wanted_name(wanted, name, sizeof name);
    mp_answer_free(wanted);
    if (!more) break;
    blob file = slurp(folder, name);
    mp_answer_free(mp_trust_take(verifier, file.bytes, file.len));
    free(file.bytes);
  }
  tell("trust", mp_trust_update(verifier, now));
  blob token = slurp(folder, "status.jwt");
  tell("status", mp_status_update(verifier, token.bytes, token.len, NULL, 0, now));

  blob approval = slurp(folder, "approval.jws"), ticket = slurp(folder, "ticket");
  tell("ingest", mp_ingest(verifier, approval.bytes, approval.len, ticket.bytes, ticket.len, now));

  /* After a restart: the state is all that is needed. */
  mp_answer *saved = mp_verifier_save(verifier);
  mp_verifier *again = NULL;
  tell("restore", mp_verifier_open(root.bytes, root.len, settings.bytes, settings.len,
                                   mp_answer_json(saved), mp_answer_len(saved), &again));
  mp_answer_free(saved);
  mp_verifier_close(verifier);

  blob launch = slurp(folder, "launch.json");
  tell("launch", mp_launch(again, launch.bytes, launch.len, now));
  approval.bytes[approval.len / 2] ^= 1;
  tell("changed", mp_ingest(again, approval.bytes, approval.len, ticket.bytes, ticket.len, now));
  mp_verifier_close(again);

  blob all[] = {root, settings, token, approval, ticket, launch};
  for (size_t at = 0; at < sizeof all / sizeof *all; at++) free(all[at].bytes);
  return 0;
}
