"""Runs the services of compose/compose.yaml with podman and checks that they are a node. Called by Tests/Containers/run.

The file itself is what runs: commands, volumes, dependencies, health checks and restrictions are read from it. Only two
things differ from `docker compose`: all containers are on the host's network, each with a loopback address of its own in
the place of one on a bridge, and a name server of ours knows the renderers by their common name.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose" / "compose.yaml"
# Images that a registry would give, and what stands for them here.
IMAGES = {"p2pmsg": "localhost/p2pmsg", "docker.io/nginxinc/nginx-unprivileged:1.28": "localhost/p2pmsg-test/nginx"}
# The published port of each service is mapped by the engine; here it is the container's own.
CONTAINER_PORTS = (42424, 9464, 8080)


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


def until(what, seconds, condition):
    """Asks until there is an answer. Containers announce their health nowhere else."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
        except (OSError, Failure, subprocess.SubprocessError) as error:
            last = error
        time.sleep(0.1)
    raise Failure(f"{what}: not within {seconds} s ({last})")


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Node:
    """The containers of one compose file."""

    def __init__(self, work, engine, flags):
        self.work = work
        self.engine = engine
        self.flags = flags
        self.project = f"p2pmsg-test-{os.getpid()}"
        self.ports = {port: free_port(socket.SOCK_STREAM) for port in CONTAINER_PORTS}
        self.resolver = None
        self.running = {}
        self.addresses = {}
        os.environ["P2PMSG_FRONT"] = "127.0.0.0/8"
        compose = yaml.safe_load(self.interpolated(COMPOSE.read_text()))
        everything = compose["services"]
        # Those of a profile are for single calls.
        self.services = {name: spec for name, spec in everything.items() if not spec.get("profiles")}
        self.command_line = everything["p2pmsg"]
        self.volumes = list(compose["volumes"])

    @staticmethod
    def interpolated(text):
        """`${NAME:-default}` as Compose reads it."""
        return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda m: os.environ.get(m[1]) or m[2], text)

    def podman(self, *words, limit=60, fails=False):
        done = subprocess.run([*self.engine, *words], capture_output=True, text=True, timeout=limit)
        if done.returncode != 0 and not fails:
            raise Failure(f"podman {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done

    # --- starting -----------------------------------------------------------------------------------------------------

    def localized(self, text, address):
        """A setting of a container with its own loopback address and ports that are free here."""
        for port, here in self.ports.items():
            text = re.sub(rf"\b(0\.0\.0\.0|127\.0\.0\.1):{port}\b", f"{address}:{here}", text)
        return text

    def up(self, scale):
        for service in self.in_order():
            for number in range(1, scale.get(service, 1) + 1):
                self.start(service, number)
            if service == "renderer":
                self.serve_names()

    def in_order(self):
        done = []
        while len(done) < len(self.services):
            ready = [
                name for name, service in self.services.items()
                if name not in done and set(service.get("depends_on", {})) <= set(done)
            ]
            check(ready, "the services depend on each other in a circle")
            done += ready
        return done

    def start(self, service, number):
        for name, wanted in self.services[service].get("depends_on", {}).items():
            check(wanted["condition"] == "service_healthy", f"{service}: only health is awaited here")
            for container in self.containers(name):
                until(f"{container} is healthy", 30, lambda: self.is_healthy(container))
        container = f"{self.project}-{service}-{number}"
        self.addresses[container] = f"127.77.{os.getpid() % 250 + 1}.{len(self.addresses) + 1}"
        self.running[container] = service
        self.podman("run", "--detach", "--name", container, *self.flags, *self.options(service, container))

    def options(self, service, container):
        spec = self.services[service]
        return [*self.restrictions(spec, self.addresses[container]), IMAGES[spec["image"]], *self.command(service, container)]

    def command(self, service, container):
        if service == "nginx":
            return ["nginx", "-g", "daemon off; error_log /dev/stderr;"]
        return [self.localized(word, self.addresses[container]) for word in self.services[service].get("command", [])]

    def restrictions(self, spec, address):
        words = [f"--user={spec['user']}"]
        if spec.get("read_only"):
            words += ["--read-only", "--read-only-tmpfs=false"]
        words += [f"--tmpfs={path}" for path in spec.get("tmpfs", [])]
        words += [f"--cap-drop={name}" for name in spec.get("cap_drop", [])]
        # podman spells it without the value.
        words += [f"--security-opt={option.removesuffix(':true')}" for option in spec.get("security_opt", [])]
        environment = spec.get("environment", {})
        if isinstance(environment, list):
            environment = dict((pair.split("=", 1) + [None])[:2] for pair in environment)
        for name, value in environment.items():
            value = os.environ.get(name) if value is None else value
            if value is not None:
                words.append(f"--env={name}={value}")
        for volume in spec.get("volumes", []):
            source, target, *mode = volume.split(":")
            if source.startswith("."):
                source = str(self.template(COMPOSE.parent / source, address))
                target = target.replace("/etc/nginx/templates/default.conf.template", "/etc/nginx/conf.d/default.conf")
            else:
                source = f"{self.project}-{source}"
            words.append("--volume=" + ":".join([source, target, *mode]))
        return words

    def template(self, path, address):
        """What the start of the image of nginx does with its templates, and the addresses of this machine."""
        text = path.read_text().replace("${NGINX_LOCAL_RESOLVERS}", f"127.0.0.1:{self.resolver_port}")
        text = text.replace("listen 8080;", f"listen {address}:{self.ports[8080]};")
        text = text.replace("$renderers:8080", f"$renderers:{self.ports[8080]}")
        # The reader of this test is faster than people.
        text = text.replace("rate=100r/s", "rate=100000r/s")
        filled = self.work / "nginx.conf"
        filled.write_text(text)
        return filled

    def serve_names(self):
        """What the engine's name server does: all containers of a service under its name."""
        records = [
            f"--host-record={service},{self.addresses[container]}" for container, service in self.running.items()
        ]
        for _ in range(5):
            # It needs the port for both protocols, so a free one may still not do.
            self.resolver_port = free_port(socket.SOCK_DGRAM)
            self.resolver = subprocess.Popen(
                ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                 "--listen-address=127.0.0.1", "--bind-interfaces", f"--port={self.resolver_port}", "--pid-file=",
                 *records],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            until(
                "the name server answers or has ended", 10,
                lambda: self.resolver.poll() is not None or self.knows("renderer"))
            if self.resolver.poll() is None:
                return
        raise Failure("dnsmasq does not start")

    def knows(self, name):
        """Asks for the addresses of a name as RFC 1035 wants it."""
        header = b"\x00\x01\x01\x00\x00\x01" + bytes(6)
        question = bytes([len(name)]) + name.encode() + b"\x00\x00\x01\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.5)
            asking.connect(("127.0.0.1", self.resolver_port))
            asking.send(header + question)
            return asking.recv(512)[7] > 0

    # --- looking ------------------------------------------------------------------------------------------------------

    def containers(self, service):
        return [container for container, name in self.running.items() if name == service]

    def is_healthy(self, container):
        test = self.services[self.running[container]]["healthcheck"]["test"]
        check(test[0] == "CMD", "only commands are run here")
        words = [self.localized(word, self.addresses[container]) for word in test[1:]]
        return self.podman("exec", container, *words, fails=True).returncode == 0

    def p2pmsg(self, *words, fails=False):
        """As `docker compose run --rm p2pmsg`."""
        entry, *first = self.command_line["entrypoint"]
        done = self.podman(
            "run", "--rm", *self.flags, *self.restrictions(self.command_line, None), f"--entrypoint={entry}",
            IMAGES[self.command_line["image"]], *first, *words, fails=fails)
        return done if fails else done.stdout

    def get(self, path):
        return self.ask(urllib.request.Request(self.wall + path))

    @property
    def wall(self):
        return f"http://{self.addresses[self.containers('nginx')[0]]}:{self.ports[8080]}"

    @staticmethod
    def ask(request):
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def metrics(self, container):
        return self.ask(urllib.request.Request(f"http://{self.addresses[container]}:{self.ports[9464]}/metrics"))

    # --- stopping -----------------------------------------------------------------------------------------------------

    def kill(self, container):
        self.podman("kill", "--signal", "KILL", container)
        del self.running[container]

    def down(self, grace):
        """Asks all of them at once, as Compose does within a level, and says how long the longest took."""
        start = time.monotonic()
        if self.running:
            self.podman("stop", "--time", str(grace), *self.running, limit=grace * len(self.running) + 30)
        return time.monotonic() - start

    def exit_status(self, container):
        return int(self.podman("inspect", "--format", "{{.State.ExitCode}}", container).stdout)

    def remove(self):
        if self.resolver:
            self.resolver.terminate()
            self.resolver.wait()
        if self.addresses:
            self.podman("rm", "--force", "--volumes", *self.addresses, fails=True)
            volumes = [f"{self.project}-{name}" for name in self.volumes]
            self.podman("volume", "rm", "--force", *volumes, fails=True)

    def logs(self):
        return "\n".join(
            f"--- {container}\n" + "\n".join(
                (lambda done: done.stdout + done.stderr)(self.podman("logs", "--tail", "20", container, fails=True))
                .splitlines()[-20:])
            for container in self.addresses
        )


def stored(metrics):
    return sum(
        int(float(line.split()[-1])) for line in metrics.splitlines()
        if line.startswith("p2pmsg_receiver_messages_stored_total")
    )


class Load:
    """A visitor who reads and a writer who sends, each as fast as it gets answers, until the end of the block."""

    def __init__(self, node):
        self.node = node
        self.failed_pages = []
        self.pages = 0
        self.acknowledged = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=target) for target in (self.read, self.write)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def read(self):
        while not self.ended.is_set():
            try:
                check("<html" in self.node.get("/tweets"), "no page")
                self.pages += 1
            except (OSError, Failure) as error:
                self.failed_pages.append(str(error))

    def write(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            text = f"message {number} under load"
            sent = self.node.p2pmsg("send", text, "--timeout", "10s", fails=True)
            if sent.returncode == 0:
                self.acknowledged.append(text)


def restart_in_turn(node, rounds):
    """Every container but nginx, one after the other, under load."""
    start = time.monotonic()
    with Load(node) as load:
        for _ in range(rounds):
            for container in [name for name, service in node.running.items() if service != "nginx"]:
                node.podman("restart", "--time", "10", container)
                until(f"{container} is healthy again", 30, lambda: node.is_healthy(container))
    check(not load.failed_pages, f"{len(load.failed_pages)} of {load.pages} pages failed: {load.failed_pages[:3]}")
    listed = node.p2pmsg("list", "--json", "--limit", "100000", "--timeout", "10s").splitlines()
    stored_texts = {json.loads(line)["message"] for line in listed}
    lost = set(load.acknowledged) - stored_texts
    check(load.acknowledged and not lost, f"{len(lost)} of {len(load.acknowledged)} acknowledged messages are lost")
    print(
        f"restarted in turn, {rounds} times, in {time.monotonic() - start:.0f} s: {load.pages} pages, none failed; "
        f"{len(load.acknowledged)} acknowledged messages, none lost"
    )


def check_enclosure(node):
    """What a service that was taken over can do with its user and its files."""
    message = json.loads(node.p2pmsg("list", "--json", "--limit", "1"))["id"]
    renderer, router = node.containers("renderer")[0], node.containers("router")[0]
    for container, words, why in [
        (renderer, ["hide", message], "renderer"), (renderer, ["backup", "-"], "renderer"), (router, ["status"], "none"),
    ]:
        done = node.podman("exec", container, "p2pmsg", *words, fails=True)
        check(done.returncode != 0 and f"has the role {why}" in done.stderr, f"{container}: {words}: {done.stderr}")
    node.p2pmsg("hide", message)
    node.p2pmsg("unhide", message)
    for container in [renderer, router]:
        found = node.podman("exec", container, "sh", "-c", "find / -xdev -name '*.sqlite*' 2>/dev/null", fails=True).stdout
        check(not found, f"{container} sees a store: {found}")
        # The bus is there to be used, not to be taken away; that of the router is its own.
        if container == renderer:
            done = node.podman("exec", container, "touch", "/run/p2pmsg/x", fails=True)
            check(done.returncode != 0, f"{container} writes to the bus's directory")
    found = node.podman("exec", router, "sh", "-c", "find / -xdev -name node -path '*keys*' 2>/dev/null", fails=True).stdout
    check(not found, f"the router sees a key: {found}")


def scenario(node):
    node.up({"receiver": 3, "renderer": 2})
    until("nginx serves the wall", 30, lambda: "<html" in node.get("/tweets"))
    status = json.loads(node.p2pmsg("status", "--json"))
    check([store["receivers"] for store in status["stores"]] == [3], f"three receivers of one store: {status['stores']}")

    sent = json.loads(node.p2pmsg("send", "from one container", "--json"))
    check(len(sent["stored"]) == 1, f"one store has it: {sent}")
    until("the message is on the wall", 10, lambda: "from one container" in node.get("/tweets"))
    form = urllib.parse.urlencode({"message": "written on the page"}).encode()
    node.ask(urllib.request.Request(node.wall + "/send", data=form, headers={"Origin": node.wall}))
    until("what was written on the page is on the wall", 10, lambda: "written on the page" in node.get("/tweets"))
    try:
        node.get("/metrics")
        raise Failure("nginx shows the metrics to the public")
    except urllib.error.HTTPError as error:
        check(error.code == 404, f"/metrics through nginx: {error.code}")
    shares = {container: stored(node.metrics(container)) for container in node.containers("receiver")}
    check(sum(shares.values()) == 2, f"two messages, each stored once: {shares}")
    print(f"messages stored: {shares}")
    check_enclosure(node)

    restart_in_turn(node, rounds=2)

    node.kill(node.containers("receiver")[0])
    node.p2pmsg("send", "with a receiver gone", "--timeout", "10s")
    until("the message is on the wall", 10, lambda: "with a receiver gone" in node.get("/tweets"))
    node.kill(node.containers("renderer")[0])
    for _ in range(20):
        check("with a receiver gone" in node.get("/tweets"), "the other renderer serves every page")

    services = [container for container, name in node.running.items() if name != "nginx"]
    took = node.down(10)
    check(took <= 10, f"stopping took {took:.1f} s")
    statuses = {container: node.exit_status(container) for container in services}
    check(set(statuses.values()) == {0}, f"all of them ended in order: {statuses}")
    print(f"stopped in {took:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="a directory for files of this run")
    parser.add_argument("--engine", action="append", required=True, help="a word of the podman command (repeatable)")
    parser.add_argument("--option", action="append", default=[], help="an option of podman run (repeatable)")
    arguments = parser.parse_args()
    node = Node(arguments.work, arguments.engine, arguments.option)
    start = time.monotonic()
    try:
        scenario(node)
    except Failure as failure:
        print(f"FAILED: {failure}\n{node.logs()}", file=sys.stderr)
        return 1
    finally:
        node.remove()
    print(f"Containers: router, three receivers, two renderers and nginx work ({time.monotonic() - start:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
