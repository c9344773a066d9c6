"""HL7's test cases of FHIRPath as NDJSON: fhirpath.py TESTS.XML"""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree


def case(test):
    expression = test.find("expression")
    file = test.get("inputfile") or test.get("inputFile")
    return {
        "name": test.get("name"),
        "input": file and Path(file).stem,
        "expression": expression.text,
        "invalid": expression.get("invalid"),
        "predicate": test.get("predicate") == "true",
        "outputs": [[one.get("type") or "", one.text or ""] for one in test.findall("output")],
    }


for test in ElementTree.parse(sys.argv[1]).iter("test"):
    print(json.dumps(case(test)))
