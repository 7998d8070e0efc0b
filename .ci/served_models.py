#!/usr/bin/env python3
"""Vauban attacks models that MLServer and MLflow serve, both from PyPI: counts, robust accuracy, stop and resume.

Usage: served_models.py VAUBAN [FOLDER]; live_servers.py runs it, too, in the same environments. A logistic regression on
the digits of scikit-learn is served by each server behind a relay that counts the rows of every request. Whatever happens,
the servers are stopped.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from live_servers import Servers, check, free_port, install

SAMPLES, QUERIES, BUDGET = 24, 100, 30_000

TRAIN = """
import joblib, numpy
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
inputs, labels = load_digits(return_X_y=True)
inputs = (inputs / 16).astype("float32")
model = LogisticRegression(max_iter=2000).fit(inputs[:1200], labels[:1200])
numpy.save("x.npy", inputs[1200:1300]); numpy.save("y.npy", labels[1200:1300])
joblib.dump(model, "model.joblib")
"""
SAVE = TRAIN + """
import mlflow
class Scores(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        import joblib
        self.model = joblib.load(context.artifacts["model"])
    def predict(self, context, model_input, params=None):
        return self.model.predict_proba(model_input)
mlflow.pyfunc.save_model("digits", python_model=Scores(), artifacts={"model": "model.joblib"},
    pip_requirements=["scikit-learn", "joblib"])
"""


class Tally:
    """Passes requests on and keeps every row that came."""

    def __init__(self, target: int) -> None:
        tally, self.rows, self.lock = self, [], threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def relay(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if body:
                    with tally.lock:
                        tally.rows += rows_of(json.loads(body))
                request = urllib.request.Request(f"http://127.0.0.1:{target}{self.path}", data=body or None,
                    headers={"content-type": self.headers.get("content-type", "")}, method=self.command)
                try:
                    with urllib.request.urlopen(request, timeout=60) as answer:
                        status, text = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status, text = error.code, error.read()
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                try:
                    self.wfile.write(text)
                except OSError:
                    pass  # Vauban was stopped while it waited.

            do_GET = do_POST = relay

            def log_message(self, *words):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()


def rows_of(body: dict) -> list:
    """The rows of a request of either protocol."""
    tensor = body["inputs"][0]
    if isinstance(tensor, dict):
        width = len(tensor["data"]) // tensor["shape"][0]
        return [tuple(tensor["data"][at:at + width]) for at in range(0, len(tensor["data"]), width)]
    return [tuple(row) for row in body["inputs"]]


def command(vauban: Path, url: str, data: Path, journal: Path, *more) -> list:
    return [str(vauban), "attack", url, "--inputs", str(data / "x.npy"), "--labels", str(data / "y.npy"), "--eps", "0.2",
            "--samples", str(SAMPLES), "--queries", str(QUERIES), "--budget", str(BUDGET), "--rate", "500",
            "--journal", str(journal), "--quiet", "--format", "json", *more]


def sent(journal: Path) -> int:
    """Rows that a journal says were sent."""
    lines = [line for line in journal.read_text().splitlines() if line.startswith('{')]
    return sum(json.loads(line).get("sent", 0) for line in lines if line.endswith("}"))


def results(words: list) -> dict:
    done = subprocess.run(words, capture_output=True, text=True, timeout=170)
    check(done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}")
    found = {one["attack"]: one for one in json.loads(done.stdout)["measurements"]["results"]}
    check("worst-case" in found, f"no worst case among {sorted(found)}")
    return found


def attacked(vauban: Path, tally: Tally, url: str, data: Path, work: Path, name: str, access: str, *more) -> dict:
    """One whole run: counts agree, robust accuracy falls; by little where a hundred labels a sample are all that is seen."""
    journal, before, began = work / f"{name}.jsonl", len(tally.rows), time.monotonic()
    found = results(command(vauban, url, data, journal, *more))
    worst, came = found["worst-case"], len(tally.rows) - before
    check(sent(journal) == came, f"{name}: the journal says {sent(journal)}, {came} rows came")
    check(0 < came <= BUDGET, f"{name}: {came} rows")
    check(worst["parameters"]["access"] == access, f"{name}: access is {worst['parameters']['access']}")
    clean = float(worst["parameters"]["clean-accuracy"])
    check(worst["value"] < clean - (0.25 if access == "scores" else 0.0), f"{name}: robust accuracy {worst['value']}, clean {clean}")
    print(f"{name}: {access}, clean accuracy {clean:.3f}, robust {worst['value']:.3f} at eps 0.2, {came} rows sent and "
          f"journalled, {time.monotonic() - began:.1f} s", flush=True)
    return found


def stopped(vauban: Path, tally: Tally, url: str, data: Path, work: Path, whole: dict, *more) -> None:
    """A run that is killed in the middle and goes on gives the same results and repeats no answered row."""
    journal, before = work / "stopped.jsonl", len(tally.rows)
    words = command(vauban, url, data, journal, *more)
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while len(tally.rows) < before + 300 and time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.wait()
    time.sleep(0.5)
    first = tally.rows[before:]
    check(len(first) >= 300 and process.returncode != 0, f"stopped too late: {len(first)} rows, {process.returncode}")
    # Rows are counted before they go out and written down after they come back: a kill falls in between.
    counted, answered = sent(journal), sum('"query"' in line for line in journal.read_text().splitlines())
    check(answered <= len(first) <= counted, f"{answered} answered, {len(first)} came, {counted} counted at the stop")
    found = results(words)
    second = tally.rows[before + len(first):]
    repeated = sum((Counter(first) & Counter(second)).values())
    check(repeated <= counted - answered, f"{repeated} rows were asked again, {counted - answered} had no answer")
    check(sent(journal) == counted + len(second), f"the journal says {sent(journal)}, {counted}+{len(second)} were sent")
    for attack, one in whole.items():
        same = [(other["value"], other["queries"], other["trials"]) for other in (one, found[attack])]
        check(same[0] == same[1], f"{attack} is another after a stop: {same}")
    came = len(tally.rows)
    results(words)
    check(len(tally.rows) == came, "a finished run was asked again")
    print(f"stopped after {len(first)} rows, went on with {len(second)}: {repeated} repeated, of {counted - answered} "
          "sent without an answer; same results; a third run sent nothing", flush=True)


def run(vauban: Path, folder: Path, work: Path, servers: Servers) -> None:
    ports = {name: free_port() for name in ["http", "grpc", "metrics", "mlflow"]}
    home, flow = work / "digits-mlserver", work / "digits-mlflow"
    for name, place, code in [("mlserver", home, TRAIN), ("mlflow", flow, SAVE)]:
        place.mkdir()
        python = str(folder / name / "bin/python")
        subprocess.run([python, "-c", code], check=True, cwd=place, timeout=180)
    (home / "settings.json").write_text(json.dumps({"host": "127.0.0.1", "http_port": ports["http"],
        "grpc_port": ports["grpc"], "metrics_port": ports["metrics"], "parallel_workers": 0}))
    (home / "model-settings.json").write_text(json.dumps({"name": "digits",
        "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}))
    path = f"{folder / 'mlflow/bin'}:{os.environ['PATH']}"
    waiting = [
        servers.start("mlserver", "served-mlserver", ["mlserver", "start", str(home)], "/v2/models/digits/ready", ports["http"]),
        servers.start("mlflow", "served-mlflow", ["mlflow", "models", "serve", "-m", str(flow / "digits"), "--env-manager",
            "local", "--host", "127.0.0.1", "--port", ports["mlflow"]], "/ping", ports["mlflow"], {"PATH": path}),
    ]
    for one in waiting:
        one.ready()
    print(f"models served after {time.monotonic() - STARTED:.0f} s", flush=True)

    tally = Tally(ports["http"])
    url = f"http://127.0.0.1:{tally.port}/v2/models/digits"
    v2 = ["--protocol", "v2"]
    attacked(vauban, tally, url, home, work, "mlserver-labels", "labels", *v2)
    scores = [*v2, "--output-name", "predict_proba"]
    whole = attacked(vauban, tally, url, home, work, "mlserver-scores", "scores", *scores)
    stopped(vauban, tally, url, home, work, whole, *scores)

    tally = Tally(ports["mlflow"])
    url = f"http://127.0.0.1:{tally.port}/invocations"
    other = attacked(vauban, tally, url, flow, work, "mlflow-scores", "scores", "--protocol", "mlflow")
    same = [one["worst-case"]["value"] for one in (whole, other)]
    # One computes in 32 bits, the other in 64.
    check(abs(same[0] - same[1]) < 0.2, f"the same model is another behind another server: {same}")

    before = len(tally.rows)
    refused = subprocess.run(command(vauban, url, flow, work / "offline.jsonl", "--protocol", "mlflow", "--offline"),
        capture_output=True, text=True)
    check(refused.returncode == 2 and "--offline" in refused.stderr, f"--offline: {refused.stderr}")
    check(len(tally.rows) == before, "--offline sent rows")


def main() -> None:
    vauban = Path(sys.argv[1]).resolve()
    keep = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary) / "environments"
        folder.mkdir(parents=True, exist_ok=True)
        for name in ["mlserver", "mlflow"]:
            install(folder, name)
        work = Path(temporary) / "work"
        work.mkdir()
        servers = Servers(folder, work)
        try:
            run(vauban, folder, work, servers)
        finally:
            servers.stop()
    print(f"done after {time.monotonic() - STARTED:.0f} s")


STARTED = time.monotonic()
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    main()
