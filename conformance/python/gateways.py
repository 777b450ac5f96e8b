"""Two gateways over one PostgreSQL before three nodes of OpenSearch: what the judges are shown in the place of `countersign dev`, unchanged,
when `cargo xtask judges --cluster` has started the nodes (`three_nodes.py`).

A laptop's service is started before the cluster, stopped, and its state moved into PostgreSQL as docs/operating/gateways.md says; two
gateways take its place, and a load balancer its ports. So whatever the laptop wrote down is still right: endpoints, keys, authority. Domain
`dev` is the cluster; what else a judge creates is on the engine of the gateway that made it.
"""

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
import uuid
from itertools import count
from pathlib import Path

import three_nodes
from service import STOP_SECONDS_MAX, Service, binary, exported

# Ports of 127.0.0.1 for domains that judges create: the first, and how many.
FIRST_PORT = int(os.environ.get("JUDGES_FIRST_PORT", "23100"))
DOMAINS_MAX = 64
ADDRESSES = ("127.0.0.2", "127.0.0.3")
# As a laptop is set (`Settings::laptop`), where it is not as a server is.
NETWORKS = "127.0.0.0/8;::1"
AS_A_LAPTOP = {
    "open_policies": "true", "foreign_principals": "true", "storage_encrypted": "true", "engine.disk_watermarks": "false",
    "vpc.subnets": ",".join(f"subnet-0000000000000000{zone}={NETWORKS}" for zone in "abc"),
    "vpc.security_groups": f"sg-00000000000000001={NETWORKS}",
    "domain_defaults.signature_diagnostics": "true", "limits.failed_signatures_burst": "0",
    "limits.failed_signatures_per_second": "0", "limits.connections_per_address": "0", "limits.connections_per_listener": "0",
}
# What docs/operating/gateways.md promises: how long a change may take until it holds at all gateways.
BOUND_SECONDS = 1.0
# Tests of judges that do not pass through gateways, each with its reason.
DIFFERENCES = Path(__file__).with_name("gateways.tsv")
# What is told at the end.
TOLD = []


def asked_for():
    """Where the nodes are, if judges are to go through gateways."""
    return json.loads(os.environ.get("JUDGES_THREE_NODES", "null"))


class Gateways(Service):
    """Two gateways and the balancer before them, where a judge expects one service."""

    def __init__(self, folder, there):
        self.there, self.balancer, self.processes = there, None, [None, None]
        self.second = Path(folder).parent / f"{Path(folder).name}-2"
        super().__init__(folder, options=[word for place in three_nodes.PLACES for word in ("--upstream", three_nodes.url(there, place))])

    def start(self):
        three_nodes.wipe(self.there)
        super().start()
        assert super().stop() == 0
        self.configure()
        self.move()
        self.balancer = Balancer(self.ports(), self.shared_ports(), self.admins)
        for gateway in range(len(ADDRESSES)):
            self.start_gateway(gateway)
        self.process = self.processes[0]
        self.ready = {**self.ready, "pid": self.process.pid}

    def configure(self):
        self.configs = [folder.parent / f"{folder.name}.toml" for folder in self.folders]
        key = self.folder.parent / f"{self.folder.name}.sealing.key"
        shutil.copy(self.folder / "sealing.key", key)
        # The same authority, and the same certificate, at both.
        self.folders[1].mkdir(mode=0o700)
        shutil.copy(self.folders[0] / "ca.pem", self.folders[1])
        shutil.copytree(self.folders[0] / "tls", self.folders[1] / "tls")
        self.admins = [self.ready["admin"].removeprefix("http://"), f"{ADDRESSES[1]}:{three_nodes.free_ports(1)[0]}"]
        workload = exported(self.folder / "workload.env")["AWS_CONTAINER_CREDENTIALS_FULL_URI"].split("/")[2]
        database = three_nodes.create_database(self.there, f"judged_{uuid.uuid4().hex[:12]}")
        urls = [three_nodes.url(self.there, place) for place in three_nodes.PLACES]
        for folder, config, address, admin in zip(self.folders, self.configs, ADDRESSES, self.admins):
            listens = workload if folder == self.folder else f"{address}:0"
            config.write_text(f"""
data = "{folder}"
control.listen = "{address}:{port(self.control)}"
admin.listen = "{admin}"
domains.listen = "{address}"
domains.first_port = {FIRST_PORT}
vpc.listen = "{address}"
console.listen = "{address}:{port(self.ready['console'])}"

[state]
url = "{database}"
sealing_key_file = "{key}"

[workloads]
listen = "{listens}"
roles = {{ app = "{self.role_arn('search-app')}" }}

[pools.three]
domain = "{self.domain_arn()}"
urls = {json.dumps(urls)}
""")

    def move(self):
        """The laptop's state becomes the one of the gateways."""
        state = self.folder.parent / f"{self.folder.name}.jsonl"
        for words in (["export", state, "--set", f"data={self.folder}"], ["import", state, "--config", self.configs[0]]):
            done = subprocess.run([binary(), "state", *words], capture_output=True, text=True, timeout=60, env=self.environment)
            assert done.returncode == 0, done.stderr

    def start_gateway(self, gateway):
        command = [binary(), "serve", "--json", "--config", str(self.configs[gateway])]
        command += [word for name, value in AS_A_LAPTOP.items() for word in ("--set", f"{name}={value}")]
        log = self.folders[gateway].with_suffix(".log")
        with open(log, "ab") as into:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=into, env=self.environment)
        line = process.stdout.readline()
        assert line.startswith(b"{"), log.read_text(errors="replace")
        self.processes[gateway] = process

    def kill_gateway(self, gateway):
        """Ends one as a power failure would."""
        self.processes[gateway].kill()
        self.processes[gateway].wait(STOP_SECONDS_MAX)
        self.processes[gateway].stdout.close()

    def stop(self):
        if self.balancer is None:
            return super().stop()
        for process in self.processes:
            process.terminate()
        codes = [process.wait(STOP_SECONDS_MAX) for process in self.processes]
        for process in self.processes:
            process.stdout.close()
        self.balancer.stop()
        return max(map(abs, codes))

    def kill(self):
        for gateway, process in enumerate(self.processes):
            if process and process.poll() is None:
                self.kill_gateway(gateway)
        if self.balancer:
            self.balancer.stop()

    @property
    def folders(self):
        return [self.folder, self.second]

    @property
    def admin_urls(self):
        return [f"http://{admin}" for admin in self.admins]

    def shared_ports(self):
        """The ports that both gateways serve alike."""
        return [port(self.control), port(self.endpoint), port(self.ready["console"])]

    def ports(self):
        return self.shared_ports() + list(range(FIRST_PORT, FIRST_PORT + DOMAINS_MAX))


def port(url):
    return int(url.rsplit(":", 1)[1].rstrip("/"))


class Balancer:
    """What listens on a port of 127.0.0.1 is the same port of a gateway's own address: each in turn; one that does not answer is passed over.

    Where one gateway alone has a domain's data, it is found as a load balancer finds who is well: a request is answered 503 by the other.
    Answers of the control plane are passed on when each gateway knows what the one that answered knew, which a client of several
    gateways waits for, too, if it depends on it: `waits` has how long that took, `behind` how long a gateway was seen to know less.
    While the database is gone nobody is promised anything (`disturbed`).
    """

    def __init__(self, ports, shared, admins):
        self.shared, self.admins, self.turn = set(shared), admins, count()
        self.control, self.taken = shared[0], dict.fromkeys(ADDRESSES, 0)
        self.waits, self.behind, self.disturbed = [], [], False
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE
        self.loop, started = asyncio.new_event_loop(), threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ports, started), daemon=True)
        self.thread.start()
        assert started.wait(30), "a port of the balancer is taken"

    def run(self, ports, started):
        asyncio.set_event_loop(self.loop)
        listening = [
            self.loop.run_until_complete(asyncio.start_server(lambda *streams, to=port: self.forward(to, *streams), "127.0.0.1", port))
            for port in ports
        ]
        started.set()
        self.loop.run_forever()
        for server in listening:
            server.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def forward(self, port, reader, writer):
        begin = next(self.turn)
        for place in range(len(ADDRESSES)):
            address = ADDRESSES[(begin + place) % len(ADDRESSES)]
            if port not in self.shared and not await self.has(address, port):
                continue
            try:
                streams = await asyncio.open_connection(address, port)
            except OSError:
                continue
            self.taken[address] += 1
            settle = self.settle if port == self.control else None
            await asyncio.gather(pump(reader, streams[1]), pump(streams[0], writer, settle))
            return
        writer.close()

    async def has(self, address, port):
        """Whether this gateway has the data of the domain on this port."""
        try:
            reader, writer = await asyncio.open_connection(address, port, ssl=self.trust, server_hostname="localhost")
        except OSError:
            return False
        try:
            writer.write(f"GET /_cluster/health HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
            return b" 503 " not in await reader.readline()
        except OSError:
            return False
        finally:
            writer.close()

    async def settle(self):
        """Waits until every gateway has the newest version that one of them has now. `behind` counts what is certain: a look that was begun
        so late still found a gateway with less, however long the look itself took on a busy machine."""
        begun, wanted, behind, disturbed = time.monotonic(), None, 0.0, self.disturbed
        while behind <= 10 * BOUND_SECONDS:
            looked = time.monotonic() - begun
            known = [version for version in await asyncio.gather(*map(self.version, self.admins)) if version is not None]
            wanted = max(known, default=0) if wanted is None else wanted
            if all(version >= wanted for version in known):
                break
            behind = looked
        if not (disturbed or self.disturbed):
            self.waits.append(time.monotonic() - begun)
            self.behind.append(behind)

    def check(self):
        """Whether what the gateways promise held for every answer of the control plane."""
        late = [behind for behind in self.behind if behind > BOUND_SECONDS]
        assert not late, f"{len(late)} of {len(self.behind)} changes were not known everywhere within {BOUND_SECONDS} s: {max(late):.3f} s"

    async def version(self, admin):
        """The version of the state that a gateway decides on; None where it is gone."""
        host, port = admin.split(":")
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"GET /metrics HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n".encode())
            found = re.search(rb"^countersign_state_version (\d+)", await reader.read(-1), re.M)
            writer.close()
        except OSError:
            return None
        return int(found[1]) if found else None


async def pump(reader, writer, before=None):
    try:
        while data := await reader.read(1 << 16):
            if before:
                await before()
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
