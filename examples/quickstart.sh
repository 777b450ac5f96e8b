#!/usr/bin/env bash
# From a clean clone with only Rust and Python to search results behind IAM. Safe to run twice.
# Everything it makes lies under target/ (or CARGO_TARGET_DIR). The service is left running at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
home=$target/quickstart
data=$home/data
countersign=${COUNTERSIGN_BINARY:-$target/debug/countersign}
python=$home/venv/bin/python
aws=$home/venv/bin/aws
export AWS_PAGER=""

# Colours and numbered headings for a person; plain lines in a log.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1;36m' plain=$'\e[0m'; else bold="" plain=""; fi
number=0
step() { number=$((number + 1)); printf '\n%s%d. %s%s\n' "$bold" "$number" "$*" "$plain"; }
fail() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

command -v cargo >/dev/null || fail "Rust is missing: install it with rustup, then run this again"
command -v python3 >/dev/null || fail "Python 3 is missing: install it, then run this again"
mkdir -p "$home"

step "Build the service (the first time takes a few minutes)"
[ -n "${COUNTERSIGN_BINARY:-}" ] || cargo build --quiet --package countersign
"$countersign" --version

step "Start it with one account, one domain 'dev', and fresh credentials, in $data"
if [ -f "$home/pid" ] && ps -ww -p "$(cat "$home/pid")" -o args= | grep -qF -- "dev --data $data"; then
  echo "It is running already (process $(cat "$home/pid"))."
else
  rm -f "$home/ready.json"
  # Free ports, so that nothing else on this machine is in the way; the domain keeps its own over restarts.
  nohup "$countersign" dev --data "$data" --control 127.0.0.1:0 --admin 127.0.0.1:0 --json \
    >"$home/ready.json" 2>"$home/service.log" </dev/null &
  echo $! >"$home/pid"
  for _ in $(seq 300); do
    if grep -qs '^{' "$home/ready.json"; then break; fi
    kill -0 "$(cat "$home/pid")" 2>/dev/null || { cat "$home/service.log" >&2; fail "the service did not start"; }
    sleep 0.1
  done
  grep -qs '^{' "$home/ready.json" || fail "the service was not ready in 30 seconds: see $home/service.log"
fi
eval "$(cat "$data/env")"
echo "The control plane answers at $AWS_ENDPOINT_URL, domain 'dev' at $COUNTERSIGN_ENDPOINT."

step "Make a Python environment with the AWS and Elasticsearch clients, in $home/venv"
if ! cmp -s examples/requirements.txt "$home/installed.txt"; then
  python3 -m venv --clear "$home/venv" || fail "python3 cannot make environments (Debian: apt-get install python3-venv)"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement examples/requirements.txt
  cp examples/requirements.txt "$home/installed.txt"
fi
"$aws" --version

step "Allow role search-app, and nobody else, on the domain (the policy 'dev' starts with)"
cat examples/policies/allow-search-app.json
"$aws" es update-elasticsearch-domain-config --domain-name dev \
  --access-policies file://examples/policies/allow-search-app.json --output text >/dev/null

step "As search-app: index the documentation of this Python's standard library, and ask it questions"
"$python" examples/quickstart.py

step "As a stranger, a role that nothing grants anything: the same program is refused in Amazon's words"
"$aws" iam get-role --role-name stranger >/dev/null 2>&1 ||
  "$aws" iam create-role --role-name stranger \
    --assume-role-policy-document file://examples/policies/trust-the-account.json --output text >/dev/null
if "$python" examples/quickstart.py --role stranger --search-only >"$home/refusal.txt"; then
  fail "the stranger got in: $(cat "$home/refusal.txt")"
fi
cat "$home/refusal.txt"

step "Ask why: what was considered, and which statement decided"
"$countersign" explain "$(sed -n 's/^request id: //p' "$home/refusal.txt")"

step "Let the stranger search, and only search: change the domain's policy through the AWS API"
"$aws" es update-elasticsearch-domain-config --domain-name dev \
  --access-policies file://examples/policies/allow-search-app-and-stranger.json --output text >/dev/null
echo "Acknowledged, and so in force."

step "As the stranger again: the same program now gets its answers"
"$python" examples/quickstart.py --role stranger --search-only "what does a context manager do"

printf '\n%sThe service is running.%s What to try next:\n' "$bold" "$plain"
cat <<NEXT
  eval "\$(cat $data/env)"                                   # this shell now speaks to it
  $aws es list-domain-names
  $python examples/quickstart.py --search-only "walk a directory tree"
  $python examples/quickstart.py --role stranger          # may not index: refused
  kill $(cat "$home/pid")                                          # ends it; run this script again to go on
NEXT
