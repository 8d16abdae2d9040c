#!/usr/bin/env bash
# Times `warroom validate` beside other validators on generated playbooks: see benches/README.md.
#
# Takes from PATH, or from a variable of that name, whatever there is of
#   CHECK_JSONSCHEMA  YAMLLINT  AJV  SOURCEMETA (the `jsonschema` of sourcemeta)
# and says what is missing. Needs rustc, python3 and about 400 MB below TMPDIR; no network.
#   WARROOM=path   measures this program instead of building one
#   FILES=10000 FAULTS=1000 ROUNDS=7 SLOW_ROUNDS=1 LARGEST=50000   change what is measured
set -euo pipefail
cd "$(dirname "$0")/.."

files=${FILES:-10000} faults=${FAULTS:-1000} largest=${LARGEST:-50000}
rounds=${ROUNDS:-7} slow_rounds=${SLOW_ROUNDS:-1}

need() { command -v "$1" >/dev/null || { echo "compare.sh: needs $1" >&2; exit 1; }; }
need rustc
need python3
say() { printf '\n## %s\n\n' "$*"; }
# A tool by the name of its variable and its own: empty where there is none.
tool() {
    local chosen=${!1:-}
    [ -n "$chosen" ] || chosen=$(command -v "$2" || true)
    printf %s "$chosen"
}

if [ -z "${WARROOM:-}" ]; then
    cargo build --release --locked --quiet --bin warroom
    WARROOM=${CARGO_TARGET_DIR:-target}/release/warroom
fi
warroom=$(realpath "$WARROOM")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
rustc --edition 2024 -O examples/corpus.rs -o "$folder/corpus"
schema=$folder/playbook.schema.json
cp schema/playbook.schema.json "$schema"

corpus() { "$folder/corpus" "$folder/$1" "$2" "${3:-0}" >"$folder/$1.seeded"; }
corpus valid "$files"
corpus faulty "$files" "$faults"
corpus one 1
valid=$folder/valid
one=$(find "$folder/one/playbooks" -name '*.yaml')

check_jsonschema=$(tool CHECK_JSONSCHEMA check-jsonschema)
yamllint=$(tool YAMLLINT yamllint)
ajv=$(tool AJV ajv)
sourcemeta=$(tool SOURCEMETA jsonschema)
# There is another `jsonschema`, of Python.
if [ -n "$sourcemeta" ] && ! "$sourcemeta" help 2>&1 | grep -q 'JSON Schema CLI'; then sourcemeta=; fi

say "What is measured"
echo "machine: $(nproc) processors, $(uname -sm)"
echo "date: $(date -u +%Y-%m-%d)"
"$warroom" --version
[ -z "$sourcemeta" ] || echo "sourcemeta jsonschema $("$sourcemeta" version)"
[ -z "$ajv" ] || echo "ajv-cli: $ajv"
[ -z "$check_jsonschema" ] || "$check_jsonschema" --version
[ -z "$yamllint" ] || "$yamllint" --version
for missing in "$sourcemeta:sourcemeta jsonschema" "$ajv:ajv-cli" "$check_jsonschema:check-jsonschema" "$yamllint:yamllint"; do
    [ -n "${missing%%:*}" ] || echo "not installed: ${missing#*:}"
done
bytes=$(find "$valid/playbooks" -name '*.yaml' -exec cat {} + | wc -c)
echo "corpus: $files playbooks, $bytes bytes, $((bytes / files)) each"
lint=
if "$warroom" lint --help >/dev/null 2>&1; then lint=yes; fi

row() { printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }

say "$files valid playbooks, the whole process"
{
    row "warroom validate" "$rounds" "'$warroom' -C '$valid' validate"
    row "warroom validate, one thread" "$rounds" "env RAYON_NUM_THREADS=1 '$warroom' -C '$valid' validate"
    [ -z "$lint" ] || row "warroom lint" "$rounds" "'$warroom' -C '$valid' lint"
    [ -z "$sourcemeta" ] || {
        row "sourcemeta jsonschema" "$rounds" "'$sourcemeta' validate '$schema' '$valid/playbooks' --extension .yaml"
        row "sourcemeta jsonschema --fast" "$rounds" "'$sourcemeta' validate '$schema' '$valid/playbooks' --extension .yaml --fast"
    }
    [ -z "$ajv" ] || row "ajv-cli" "$rounds" "'$ajv' validate --spec=draft2020 --strict=false --validate-formats=false -s '$schema' -d '$valid/playbooks/**/*.yaml'"
    [ -z "$check_jsonschema" ] || row "check-jsonschema" "$slow_rounds" "sh -c 'find $valid/playbooks -name \"*.yaml\" -print0 | xargs -0 -s 1900000 $check_jsonschema --schemafile $schema'"
    [ -z "$yamllint" ] || row "yamllint, relaxed, no schema" "$slow_rounds" "'$yamllint' -d relaxed '$valid/playbooks'"
} | python3 benches/measure.py

say "One playbook, the whole process"
{
    row "warroom validate" 21 "'$warroom' -C '$folder/one' validate"
    [ -z "$lint" ] || row "warroom lint" 21 "'$warroom' -C '$folder/one' lint"
    [ -z "$sourcemeta" ] || row "sourcemeta jsonschema" 21 "'$sourcemeta' validate '$schema' '$one'"
    [ -z "$ajv" ] || row "ajv-cli" 5 "'$ajv' validate --spec=draft2020 --strict=false --validate-formats=false -s '$schema' -d '$one'"
    [ -z "$check_jsonschema" ] || row "check-jsonschema" 5 "'$check_jsonschema' --schemafile '$schema' '$one'"
    [ -z "$yamllint" ] || row "yamllint, relaxed, no schema" 5 "'$yamllint' -d relaxed '$one'"
} | python3 benches/measure.py

say "Growth"
for count in 100 1000 10000 50000; do
    [ "$count" -le "$largest" ] || continue
    [ "$count" = "$files" ] || corpus "grown-$count" "$count"
    grown=$folder/grown-$count
    [ "$count" != "$files" ] || grown=$valid
    row "$count: validate" "$rounds" "'$warroom' -C '$grown' validate"
    [ -z "$lint" ] || row "$count: lint" "$rounds" "'$warroom' -C '$grown' lint"
done | python3 benches/measure.py

if [ -d /proc/self ]; then
    say "Watch, 200 playbooks"
    corpus watched 200
    benches/watch.py "$warroom" "$folder/watched"
fi

say "$faults faults in $files playbooks"
{
    row "warroom validate" "$rounds" "'$warroom' -C '$folder/faulty' validate"
    row "warroom validate --format json" "$rounds" "'$warroom' -C '$folder/faulty' validate --format json"
} | python3 benches/measure.py
"$warroom" -C "$folder/faulty" validate --format json >"$folder/found.json" 2>/dev/null || true
python3 - "$folder/found.json" "$folder/faulty.seeded" <<'PYTHON'
import json, sys
from collections import Counter
with open(sys.argv[1], encoding="utf-8") as report:
    findings = json.load(report)["findings"]
found = Counter((finding["file"], finding["code"]) for finding in findings)
with open(sys.argv[2], encoding="utf-8") as lines:
    seeded = Counter(tuple(line.rstrip("\n").split("\t")) for line in lines)
missed, others = seeded - found, found - seeded
kinds = len({code for _, code in seeded})
print(f"\nseeded {seeded.total()} (of {kinds} codes), findings {found.total()}, missed {missed.total()}, others {others.total()}")
sys.exit(1 if missed or others else 0)
PYTHON
