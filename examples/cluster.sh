#!/usr/bin/env bash
# From a clean clone to two gateways over one PostgreSQL before three nodes of OpenSearch, on this machine: a domain is made through the
# AWS API, a role is let in and another refused, then a node, a gateway and the database are ended in turn while documents are written.
# Needs Rust, Python 3, a JDK, Maven and PostgreSQL's programs. Everything it makes lies under target/ (or CARGO_TARGET_DIR);
# everything that it starts has ended when it ends.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
home=$target/cluster
countersign=${COUNTERSIGN_BINARY:-$target/debug/countersign}
python=$home/venv/bin/python
aws=$home/venv/bin/aws
nodes="9601 9602 9603" transports="9701 9702 9703" control=9643 first_port=9660
export AWS_PAGER=""

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1;36m' plain=$'\e[0m'; else bold="" plain=""; fi
number=0
step() { number=$((number + 1)); printf '\n%s%d. %s%s\n' "$bold" "$number" "$*" "$plain"; }
fail() { printf 'cluster: %s\n' "$*" >&2; exit 1; }
declare -A started=()
# start NAME COMMAND…: in the background, its output in $home/NAME.log
start() {
  local name=$1
  shift
  "$@" >"$home/$name.log" 2>&1 </dev/null 3>&- & # 3 is what the writer reads, see below
  started[$name]=$!
}
end() { # NAME SIGNAL
  [ -z "${started[$1]:-}" ] || { kill "-$2" "${started[$1]}" 2>/dev/null && wait "${started[$1]}" 2>/dev/null; } || true
  unset "started[$1]"
}
until_true() { # SECONDS WHAT COMMAND…
  local seconds=$1 what=$2
  shift 2
  for _ in $(seq $((seconds * 5))); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  fail "$what did not happen in $seconds seconds: see the files in $home"
}
database() { as_somebody "$programs/pg_ctl" -D "$postgres/data" -w "$@" >"$home/pg_ctl.log" 2>&1 3>&-; }
ended() {
  exec 3>&- || true
  for name in "${!started[@]}"; do end "$name" TERM; done
  [ ! -d "${postgres:-/nonexistent}/data" ] || database -m fast stop || true
  rm -rf "${postgres:-$home/nothing}"
}
trap ended EXIT

for program in cargo python3 java javac mvn openssl curl; do
  command -v "$program" >/dev/null || fail "$program is missing (Debian: apt-get install python3-venv default-jdk-headless maven openssl curl)"
done
initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || true)
[ -n "$initdb" ] || initdb=$(command -v initdb || true)
[ -n "$initdb" ] || fail "initdb is missing (Debian: apt-get install postgresql)"
programs=$(dirname "$initdb")
for port in $nodes $transports $control $first_port; do
  ! (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "port $port is in use: end what listens there, then run this again"
done
mkdir -p "$home"

step "Build the service, and bring OpenSearch from Maven's registry (the first time takes a few minutes)"
[ -n "${COUNTERSIGN_BINARY:-}" ] || cargo build --quiet --package countersign
cargo xtask fetch-opensearch
if ! cmp -s examples/requirements.txt "$home/installed.txt"; then
  python3 -m venv --clear "$home/venv" || fail "python3 cannot make environments (Debian: apt-get install python3-venv)"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement examples/requirements.txt
  cp examples/requirements.txt "$home/installed.txt"
fi

step "Start PostgreSQL, and three nodes of OpenSearch that are one cluster"
postgres=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then # PostgreSQL does not run as root
  somebody=$(id -u postgres 2>/dev/null || id -u nobody)
  chown "$somebody" "$postgres"
  as_somebody() { setpriv --reuid "$somebody" --clear-groups env -C "$postgres" "$@"; }
else
  as_somebody() { env -C "$postgres" "$@"; }
fi
as_somebody "$programs/initdb" -D "$postgres/data" -U countersign -A trust -E UTF8 --locale=C.UTF-8 >"$home/initdb.log" 2>&1
database -l "$postgres/log" -o "-k $postgres -h ''" start || { cat "$home/pg_ctl.log" >&2; fail "PostgreSQL did not start"; }
as_somebody "$programs/createdb" -h "$postgres" -U countersign countersign
java=(java -Xmx450m --add-opens=java.base/java.lang=ALL-UNNAMED -cp "$target/opensearch/classes:$target/opensearch/lib/*" Main)
node() { # PLACE: 1, 2 or 3
  local port=$((9600 + $1)) transport=$((9700 + $1))
  CLUSTER=three NODE_NAME=node-$1 SEEDS=127.0.0.1:9701,127.0.0.1:9702,127.0.0.1:9703 INITIAL=node-1,node-2,node-3 \
    start "node-$1" "${java[@]}" "$port" "$home/node-$1" "$transport"
}
health() { curl -fsS -m 5 "http://127.0.0.1:$1/_cluster/health?$2&timeout=4s"; }
rm -rf "$home"/node-? "$home"/gateway-?
for place in 1 2 3; do node "$place"; done
until_true 180 "a cluster of three" health 9601 wait_for_nodes=3
echo "PostgreSQL $("$programs/postgres" --version | grep -o '[0-9.]*' | head -1); $(health 9601 '' | grep -o '"number_of_nodes":[0-9]*')"

step "Start two gateways with one state, and a load balancer before them"
openssl rand -hex 32 >"$home/sealing.key"
chmod 600 "$home/sealing.key"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" \
  -keyout "$home/tls.key" -out "$home/tls.pem" 2>/dev/null
chmod 600 "$home/tls.key"
gateway() { # PLACE
  cat >"$home/gateway-$1.toml" <<TOML
data = "$home/gateway-$1"
control.listen = "127.0.0.$(($1 + 1)):$control"
admin.listen = "127.0.0.$(($1 + 1)):9699"
domains.listen = "127.0.0.$(($1 + 1))"
domains.first_port = $first_port
tls.certificate = "$home/tls.pem"
tls.key = "$home/tls.key"

[state]
url = "postgres://countersign@${postgres//\//%2F}/countersign"
sealing_key_file = "$home/sealing.key"

[pools.three]
domain = "arn:aws:es:us-east-1:123456789012:domain/dev"
urls = ["http://127.0.0.1:9601", "http://127.0.0.1:9602", "http://127.0.0.1:9603"]
TOML
  start "gateway-$1" "$countersign" serve --config "$home/gateway-$1.toml"
}
ready() { curl -fsS -m 2 "http://127.0.0.$(($1 + 1)):9699/readyz"; }
for place in 1 2; do
  gateway "$place"
  until_true 30 "gateway $place" ready "$place"
done
start balancer "$python" examples/cluster/balancer.py \
  "127.0.0.1:$control=127.0.0.2:$control,127.0.0.3:$control" "127.0.0.1:$first_port=127.0.0.2:$first_port,127.0.0.3:$first_port"
until_true 10 "the balancer" grep -q ready "$home/balancer.log"
cat "$home/gateway-2.toml"

step "As root: a user, the roles search-app and stranger, and the domain 'dev' before the cluster"
eval "$(cat "$home/gateway-1/root.env")"
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ENDPOINT_URL=https://localhost:$control
export AWS_CA_BUNDLE=$home/tls.pem REQUESTS_CA_BUNDLE=$home/tls.pem COUNTERSIGN_ENDPOINT=https://localhost:$first_port
"$aws" iam create-user --user-name operator --output text >/dev/null
"$aws" iam attach-user-policy --user-name operator --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
read -r key secret < <("$aws" iam create-access-key --user-name operator --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
export AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret
for role in search-app stranger; do
  "$aws" iam create-role --role-name "$role" --assume-role-policy-document file://examples/policies/trust-the-account.json --output text >/dev/null
done
"$aws" opensearch create-domain --domain-name dev --engine-version OpenSearch_2.19 \
  --access-policies file://examples/policies/allow-search-app.json --output text >/dev/null
until_true 30 "the domain" sh -c "'$aws' opensearch describe-domain --domain-name dev --query DomainStatus.Processing --output text | grep -q False"
"$aws" opensearch describe-domain --domain-name dev --query 'DomainStatus.[ARN,EngineVersion,Endpoint]' --output text

step "As search-app: the unmodified program of the quickstart, through two gateways to three nodes"
"$python" examples/quickstart.py

step "As a stranger: refused, and the audit of the gateway that refused tells why"
if "$python" examples/quickstart.py --role stranger --search-only >"$home/refusal.txt"; then fail "the stranger got in"; fi
cat "$home/refusal.txt"
id=$(sed -n 's/^request id: //p' "$home/refusal.txt")
for place in 1 2; do
  "$countersign" explain "$id" --data "$home/gateway-$place" 2>/dev/null && break || true
done

step "Let the stranger search, through whichever gateway the balancer chooses; both know it within a second"
"$aws" opensearch update-domain-config --domain-name dev \
  --access-policies file://examples/policies/allow-search-app-and-stranger.json --output text >/dev/null
sleep 1
for _ in 1 2; do "$python" examples/quickstart.py --role stranger --search-only "what does a context manager do"; done

step "Write documents, and meanwhile end a node, a gateway and the database, in turn"
mkfifo "$home/stop" 2>/dev/null || true
"$python" examples/cluster/writer.py <"$home/stop" >"$home/writer.txt" &
started[writer]=$!
exec 3>"$home/stop"
until_true 30 "the first write" grep -q writing "$home/writer.txt"
told() { sleep 3; echo "$*"; }
told "three seconds of writing"
end node-2 KILL
until_true 60 "a cluster of two" sh -c "curl -fsS -m 5 http://127.0.0.1:9601/_cluster/health | grep -q '\"number_of_nodes\":2'"
told "node 2 killed: two are left"
end gateway-1 KILL
told "gateway 1 killed: the other serves"
gateway 1
until_true 30 "gateway 1" ready 1
told "gateway 1 started again"
database -m immediate stop
told "PostgreSQL stopped: requests are decided on what was read last"
database -l "$postgres/log" -o "-k $postgres -h ''" start
told "PostgreSQL started again"
node 2
until_true 120 "a green cluster of three" health 9601 'wait_for_nodes=3&wait_for_status=green'
told "node 2 started again: $(health 9601 '' | grep -o '"status":"[a-z]*"')"
exec 3>&- # the writer's input ends: it counts
wait "${started[writer]}" || { cat "$home/writer.txt"; fail "acknowledged documents are lost"; }
unset "started[writer]"
tail -1 "$home/writer.txt"

step "Everything is still there"
"$python" examples/quickstart.py --search-only "walk a directory tree"
"$aws" iam list-roles --query 'Roles[].RoleName' --output text
echo
echo "Done: all that was started is ended now."
