"""Runs the whole vector pack: python vectors.py [folder of the pack]"""
import json
import sys
import traceback
from pathlib import Path

from strict import Refusal
from verifier import Verifier

CAN = {"ml-dsa"}
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "vectors"


def read(name):
    return json.loads((FOLDER / name).read_text("utf-8"))


CONFIGURATIONS = read("trust.json")["configurations"]


def act(verifier, step):
    match step["do"]:
        case "trust":
            given = CONFIGURATIONS[step["trust"]]
            verifier.trust(given["files"], given["issued"], given["until"], step["now"])
        case "status":
            verifier.status(step["token"], step["now"], step.get("from"))
        case "ingest":
            verifier.ingest(step["approval"], step["ticket"], step["now"])
        case "launch":
            verifier.launch(step["request"], step["now"])
        case other:
            raise ValueError(other)


def prepared(case):
    """A verifier after all steps but the last, which have to be accepted."""
    verifier = Verifier(case["policy"])
    for step in case["steps"][:-1]:
        act(verifier, step)
    return verifier


def verdict(verifier, step):
    try:
        act(verifier, step)
    except Refusal as refusal:
        return refusal.code
    return "accepted"


counts = {"pass": 0, "fail": 0, "skip": 0}


def count(name, expected, found):
    counts["pass" if expected == found else "fail"] += 1
    if expected != found:
        print(f"not ok - {name}: {found}, not {expected}")


for file in sorted(path.name for path in (FOLDER / "cases").iterdir()):
    for case in read(f"cases/{file}")["cases"]:
        if not set(case.get("needs", [])) <= CAN:
            counts["skip"] += 1
            continue
        try:
            result = verdict(prepared(case), case["steps"][-1])
        except Exception:  # a defect is a failed case, not the end of the run
            result = traceback.format_exc()
        count(case["name"], case["expected"], result)

original = read("mutations.json")["case"]
last = original["steps"][-1]
before = prepared(original)
accepted = 0
for part in ("approval", "ticket"):
    data = last[part].encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        mutant = {**last, part: changed.decode(errors="replace")}
        # Nothing of what is refused is remembered, so one verifier may try them all.
        accepted += verdict(before, mutant) == "accepted"
count("mutations", "0 accepted", f"{accepted} accepted")

# An installation that does not say what it asks for asks for a ticket.
cases = [case for path in (FOLDER / "cases").iterdir() for case in read(f"cases/{path.name}")["cases"]]
unlogged = next(case for case in cases if case["name"] == "histories/unlogged")
for said in ({}, {"min_assurance": None}, {"min_assurance": "Logged"}):
    rest = {name: value for name, value in unlogged["policy"].items() if name != "min_assurance"}
    silent = {**unlogged, "policy": {**rest, **said}}
    count(f"min_assurance {said}", "E_LOCAL_POLICY", verdict(prepared(silent), silent["steps"][-1]))

for what, many in counts.items():
    print(f"# {what} {many}")
sys.exit(1 if counts["fail"] else 0)
