"""Holds resources against R4 with fhirkit: judge.py FAULTS FOLDER..."""

import json
import sys
from pathlib import Path

import fhirkit


def findings(text):
    try:
        issues = fhirkit.validate(text)
    except fhirkit.ParseError as error:
        return [f"cannot be read: {error}"]
    found = [f"{one.path}: {one.message}" for one in issues if one.severity == "error"]
    # What it has read it must be able to write: nothing lost, no digit changed.
    if not found and json.loads(fhirkit.parse(text).to_json(), parse_float=str) != json.loads(text, parse_float=str):
        found.append("is another resource when it is read and written")
    return found


def judge_faults(file):
    for line in Path(file).read_text("utf-8").splitlines():
        fault = json.loads(line)
        sound = not fault["seen_by"]
        if not sound and "fhirkit" not in fault["seen_by"]:
            continue
        found = findings(json.dumps(fault["resource"]))
        if bool(found) == sound:
            print("false alarm:" if sound else "not seen:", fault["fault"], found)
        yield bool(found) != sound


def judge_folder(folder):
    judged = 0
    files = sorted(Path(folder).rglob("*.ndjson"))
    for file in files:
        told = 0
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            judged += 1
            for one in findings(line):
                told += 1
                if told <= 20:
                    print(f"{file.relative_to(folder)}:{number} {one}")
        if told > 20:
            print(f"and {told - 20} more")
        yield told == 0
    print(f"{folder}: {judged} resources of {len(files)} files")
    if judged == 0:
        yield False


def main(faults, folders):
    verdicts = list(judge_faults(faults))
    for folder in folders:
        verdicts += judge_folder(folder)
    print(f"# pass {sum(verdicts)}\n# fail {len(verdicts) - sum(verdicts)}")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
