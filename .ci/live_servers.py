#!/usr/bin/env python3
"""Vauban against real servers from PyPI: what it says of them, and what it asked them.

Usage: live_servers.py VAUBAN [FOLDER]. Installs MLflow, Ray, Jupyter, Chroma and MLServer into environments of their own below
FOLDER (a temporary one unless given; one that is there already is used again), starts each on this machine behind a
relay that writes down every request, registers a model with its run, alias and data, and compares. Whatever happens, the
servers are stopped.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PACKAGES = {
    "mlflow": ["mlflow[auth]"],
    "ray": ["ray[default]"],
    "jupyter": ["jupyter-server", "jupyterlab"],
    "chroma": ["chromadb"],
    "mlserver": ["mlserver", "mlserver-sklearn"],
}
PASSWORD = "only-for-this-test-4711"
TOKEN = "a" * 32


def install(folder: Path, name: str) -> None:
    """An environment with the packages of one server."""
    home = folder / name
    if (home / "ready").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run(pip + PACKAGES[name], check=True)
    (home / "ready").touch()


def version(folder: Path, name: str, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    out = subprocess.run([str(folder / name / "bin/python"), "-c", code], check=True, capture_output=True, text=True)
    return out.stdout.strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Relay:
    """Passes bytes between Vauban and a server and keeps the first line of every request."""

    def __init__(self, target: int) -> None:
        self.target, self.seen = target, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            for one, other, note in [(client, server, True), (server, client, False)]:
                threading.Thread(target=self.pass_on, args=(one, other, note), daemon=True).start()

    def pass_on(self, one: socket.socket, other: socket.socket, note: bool) -> None:
        try:
            while data := one.recv(65536):
                if note:
                    self.seen += [
                        line.decode() for line in re.findall(rb"(?m)^([A-Z]+ \S+) HTTP/1\.[01]\r$", data)
                    ]
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Servers:
    """Started processes, each with its own group, so that all of it can be stopped."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder, self.work, self.processes, self.logs = folder, work, [], {}

    def start(self, name: str, log: str, words: list, path: str, port: int, environment=None) -> Relay:
        where = self.work / log
        where.mkdir()
        with open(where / "log", "wb") as out:
            process = subprocess.Popen(
                [str(self.folder / name / "bin" / words[0]), *map(str, words[1:])],
                cwd=where, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "HOME": str(where), "RAY_raylet_start_wait_time_s": "240", **(environment or {})},
            )
        self.processes.append(process)
        self.logs[port] = where / "log"
        return Waiting(process, where / "log", f"http://127.0.0.1:{port}{path}", port)

    def python(self, name: str, code: str, environment=None) -> None:
        subprocess.run(
            [str(self.folder / name / "bin/python"), "-c", code], check=True, cwd=self.work, timeout=180,
            env={**os.environ, **(environment or {})},
        )

    def log(self, port: int) -> str:
        return self.logs[port].read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        for what in (signal.SIGTERM, signal.SIGKILL):
            for process in self.processes:
                try:
                    os.killpg(process.pid, what)
                except ProcessLookupError:
                    pass
            time.sleep(2)
        for process in self.processes:
            process.wait()


class Waiting:
    """A server that is starting."""

    def __init__(self, process, log: Path, url: str, port: int) -> None:
        self.process, self.log, self.url, self.port = process, log, url, port

    def ready(self) -> Relay:
        end = time.monotonic() + 240
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(self.url, timeout=5).read()
                return Relay(self.port)
            except urllib.error.HTTPError:
                return Relay(self.port)
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.5)
        raise SystemExit(f"{self.url} does not answer\n{self.log.read_text(errors='replace')[-3000:]}")


REGISTER = """
import os, numpy, mlflow
client = mlflow.MlflowClient()
mlflow.set_experiment("forms")
with mlflow.start_run(run_name="first") as run:
    mlflow.log_input(mlflow.data.from_numpy(numpy.zeros((2, 2)), name="letters"), context="training")
    mlflow.log_metric("accuracy", 0.5)
client.create_registered_model("form-reader")
made = client.create_model_version("form-reader", source=run.info.artifact_uri + "/model", run_id=run.info.run_id)
client.set_registered_model_alias("form-reader", "champion", made.version)
open("run", "w").write(run.info.run_id)
"""
TRAIN = """
import joblib
from sklearn.linear_model import LogisticRegression
joblib.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "mlserver/iris/model.joblib")
"""


def main() -> None:
    vauban = Path(sys.argv[1]).resolve()
    keep = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary) / "environments"
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: install(folder, name), PACKAGES))
        print(f"installed after {time.monotonic() - STARTED:.0f} s", flush=True)
        work = Path(temporary) / "work"
        work.mkdir()
        servers = Servers(folder, work)
        try:
            run(vauban, folder, work, servers)
            import served_models
            served_models.run(vauban, folder, work, servers)
        finally:
            servers.stop()
    print(f"done after {time.monotonic() - STARTED:.0f} s")


def run(vauban: Path, folder: Path, work: Path, servers: Servers) -> None:
    ports = {name: free_port() for name in
             ["mlflow", "locked", "ray", "ray-client", "lab", "token", "chroma", "mlserver", "grpc", "metrics"]}
    local = ["--host", "127.0.0.1", "--port"]
    # Ray first: it gives up where the machine is busy with starting the others.
    waiting = {
        "ray": servers.start("ray", "ray", ["ray", "start", "--head", "--block", "--num-cpus", 1, "--port", 0,
            "--ray-client-server-port", ports["ray-client"], "--dashboard-host", "127.0.0.1", "--dashboard-port", ports["ray"],
            "--disable-usage-stats"], "/api/version", ports["ray"]),
    }
    relays = {"ray": waiting.pop("ray").ready()}
    waiting = {
        "mlflow": servers.start("mlflow", "mlflow", ["mlflow", "server", *local, ports["mlflow"], "--workers", 1,
            "--backend-store-uri", "sqlite:///m.db", "--artifacts-destination", "artifacts"], "/health", ports["mlflow"]),
        "locked": servers.start("mlflow", "locked", ["mlflow", "server", *local, ports["locked"], "--workers", 1,
            "--backend-store-uri", "sqlite:///m.db", "--app-name", "basic-auth"], "/health", ports["locked"],
            {"MLFLOW_FLASK_SERVER_SECRET_KEY": "only for this test", "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD}),
        "chroma": servers.start("chroma", "chroma", ["chroma", "run", *local, ports["chroma"], "--path", "data"],
            "/api/v2/heartbeat", ports["chroma"]),
    }
    for name, token in [("lab", ""), ("token", TOKEN)]:
        waiting[name] = servers.start("jupyter", name, ["jupyter", "lab" if name == "lab" else "server", "--no-browser",
            "--allow-root", "--ip", "127.0.0.1", "--port", ports[name], f"--IdentityProvider.token={token}"],
            "/api", ports[name])
    home = work / "mlserver"
    (home / "iris").mkdir(parents=True)
    servers.python("mlserver", TRAIN)
    (home / "settings.json").write_text(json.dumps({"host": "127.0.0.1", "http_port": ports["mlserver"],
        "grpc_port": ports["grpc"], "metrics_port": ports["metrics"], "parallel_workers": 0}))
    (home / "iris/model-settings.json").write_text(json.dumps({"name": "iris",
        "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}))
    waiting["mlserver"] = servers.start("mlserver", "mlserver-log", ["mlserver", "start", str(home)],
        "/v2/health/ready", ports["mlserver"])
    relays |= {name: one.ready() for name, one in waiting.items()}
    print(f"started after {time.monotonic() - STARTED:.0f} s", flush=True)
    servers.python("mlflow", REGISTER, {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{ports['mlflow']}"})
    first_run = (work / "run").read_text()
    servers.python("mlflow", REGISTER, {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{ports['locked']}",
        "MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": PASSWORD})
    servers.python("chroma", "import chromadb; chromadb.HttpClient(host='127.0.0.1', port=%d)"
        ".get_or_create_collection('letters', embedding_function=None)" % ports["chroma"])

    base = {name: f"http://127.0.0.1:{relay.port}" for name, relay in relays.items()}
    empty, recorded = work / "empty", work / "recorded"
    empty.mkdir()
    hosts = [word for name in base for word in ("--host", base[name])]
    first = review(vauban, empty, hosts + ["--record", str(recorded)], gate=1)
    for name, relay in relays.items():
        check(relay.seen and all(line.startswith("GET ") for line in relay.seen), 
              f"{name} was asked {relay.seen}; {first['review']['limits']}\n{servers.log(relay.target)}")
    assets = {asset["id"]: asset for asset in first["assets"]}
    found = {(finding["rule"], finding["asset"]) for finding in first["findings"]}

    def expect(name, kind, product, package, authentication, rule=None, doubtful=False, hidden=False):
        asset = assets.get(f"{kind}:{base[name]}")
        check(asset, f"{name}: no {kind} at {base[name]}; there are {sorted(assets)}")
        facts = asset["attributes"]
        check(facts.get("product") == product, f"{name}: taken for {facts.get('product')}")
        check(facts.get("authentication") == authentication, f"{name}: authentication is {facts.get('authentication')}")
        true = version(folder, {"locked": "mlflow", "lab": "jupyter", "token": "jupyter"}.get(name, name), package)
        if hidden:
            check("version" not in facts, f"{name}: version {facts.get('version')} from nowhere")
        elif doubtful:
            check("version" not in facts and "version_doubt" in facts, f"{name}: believes a version that is a constant")
        else:
            check(facts.get("version") == true, f"{name}: version {facts.get('version')}, which is {true}")
            edges = [edge for edge in first["relations"] if edge["from"] == asset["id"] and edge["kind"] == "depends-on"]
            check(any(edge["to"] == f"package:pypi/{package}" for edge in edges), f"{name}: no package {package}")
        rules = {found_rule for found_rule, of in found if of == asset["id"]}
        check((rule in rules) if rule else not rules & OPEN, f"{name}: findings are {sorted(rules)}")
        print(f"{name}: {product} {facts.get('version', '?')} (installed {true}), authentication {authentication}, "
              f"{len(relays[name].seen)} questions, {', '.join(sorted(rules)) or 'no finding'}")

    expect("mlflow", "infrastructure", "mlflow", "mlflow", "none", "model-registry-open")
    # Behind its sign-in MLflow tells strangers no version.
    expect("locked", "infrastructure", "mlflow", "mlflow", "required", hidden=True)
    expect("ray", "infrastructure", "ray", "ray", "none", "dashboard-job-submission-open")
    expect("lab", "infrastructure", "jupyter-server", "jupyter-server", "none", "notebook-server-without-token")
    expect("token", "infrastructure", "jupyter-server", "jupyter-server", "required")
    expect("chroma", "infrastructure", "chroma", "chromadb", "none", "vector-store-open", doubtful=True)
    expect("mlserver", "endpoint", "mlserver", "mlserver", "none", "endpoint-without-authentication")
    lab = version(folder, "jupyter", "jupyterlab")
    check(assets["package:pypi/jupyterlab"]["attributes"]["version"] == lab, "lab: version of JupyterLab")
    check(f"dataset:{base['chroma']}/letters" in assets, "chroma: no collection")
    registered(assets, first["relations"], first_run)
    print(f"recognised after {time.monotonic() - STARTED:.0f} s", flush=True)

    again = review(vauban, recorded, [], gate=1)
    ours = lambda document: sorted(json.dumps([asset["id"], asset["attributes"]]) for asset in document["assets"]
        if "127.0.0.1" in asset["id"] or "mlflow" in asset["id"] or asset["id"].startswith("package:"))
    check(ours(first) == ours(again), f"a recording says something else:\n{ours(first)}\n{ours(again)}")
    same = lambda document: sorted(finding["fingerprint"] for finding in document["findings"])
    check(same(first) == same(again), "a recording has other findings")
    print("recordings give the same assets and findings")

    asked = len(relays["locked"].seen)
    (empty / "vauban.toml").write_text(f'[[source]]\nkind = "mlflow"\nurl = "{base["locked"]}"\n'
        'user_env = "LIVE_USER"\npassword_env = "LIVE_PASSWORD"\n')
    signed = {"LIVE_USER": "admin", "LIVE_PASSWORD": PASSWORD}
    silent = review(vauban, empty, [], environment=signed)
    check(len(relays["locked"].seen) == asked, "a declared source was asked without --live")
    check(any("--live" in limit["what"] for limit in silent["review"]["limits"]), "nothing says that it was not asked")
    inside = review(vauban, empty, ["--live"], environment=signed, gate=1)
    inside_assets = {asset["id"]: asset for asset in inside["assets"]}
    registered(inside_assets, inside["relations"], (work / "run").read_text())
    told = inside_assets[f"infrastructure:{base['locked']}"]["attributes"].get("version")
    check(told == version(folder, "mlflow", "mlflow"), f"locked: version {told} with a password")
    posted = {line for line in relays["locked"].seen[asked:] if not line.startswith("GET ")}
    searches = {"POST /api/2.0/mlflow/runs/search", "POST /api/2.0/mlflow/logged-models/search"}
    check(posted == searches, f"locked: posted {posted}")
    print("a declared MLflow server is read with name and password, and only searched")


OPEN = {"dashboard-job-submission-open", "endpoint-without-authentication", "model-registry-open",
    "notebook-server-without-token", "service-without-authentication", "vector-store-open"}


def registered(assets, relations, run_id) -> None:
    """The model that was registered, its alias, run and data."""
    model = assets.get("model:mlflow/form-reader")
    check(model, f"no registered model; there are {sorted(assets)}")
    check(model["attributes"]["aliases"] == "champion=1", f"aliases are {model['attributes']}")
    run = assets.get(f"pipeline:mlflow/run/{run_id}")
    check(run and run["attributes"]["experiment"] == "forms", f"no run {run_id}; there are {sorted(assets)}")
    data = [of for of in assets if of.startswith("dataset:mlflow/dataset/letters")]
    check(len(data) == 1, f"data sets are {data}")
    edges = {(edge["from"], edge["kind"], edge["to"]) for edge in relations}
    check((model["id"], "trained-on", data[0]) in edges, "the model is not tied to its data")
    check((run["id"], "produces", model["id"]) in edges, "the run is not tied to its model")


def review(vauban: Path, path: Path, options: list, environment=None, gate=None) -> dict:
    words = [str(vauban), "review", str(path), "--no-store", "--no-reports", "--quiet", "--format", "json", "--trials", "1000",
             *options]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **(environment or {})}, timeout=300)
    check(done.returncode in (0, 3) if gate is None else done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def check(holds, what: str) -> None:
    if not holds:
        raise SystemExit(f"live servers: {what}")


STARTED = time.monotonic()
if __name__ == "__main__":
    # Whoever stops this stops the servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    main()
