"""The clinic's gateways: they answer with the served model and write everything down."""

import gzip
import json

import numpy as np
import onnxruntime

DAY = 1794960000
"""2026-11-18T00:00:00Z, seconds since 1970."""
AGENTS = ["python-requests/2.32", "python-httpx/0.27", "okhttp/4.12", "curl/8.7", "form-scanner/3.4", "Mozilla/5.0"]
SERVED = {"ml.model.name": "form-reader", "ml.model.version": "1"}
"""The model that every prediction asks for."""


class Log:
    """Events of one service, in the order in which they were made."""

    def __init__(self, service, letter):
        self.service, self.letter, self.events = service, letter, []

    def write(self, client, second, name, path, facts, status=200):
        """One event."""
        attributes = {
            "client.address": client["address"],
            "user.id": client["id"],
            "user_agent.original": client["agent"],
            "http.request.method": "POST",
            "url.path": path,
            "http.response.status_code": status,
            **facts,
        }
        self.events.append((second, len(self.events), name, attributes))

    def save(self, path):
        """The events in order of time as NDJSON, compressed with fixed metadata if `path` ends in `.gz`."""
        lines = []
        for number, (second, _, name, attributes) in enumerate(sorted(self.events, key=lambda event: event[:2])):
            event = {
                "event_id": f"{self.letter}{number + 1:06}",
                "timeUnixNano": str((DAY * 1000 + round(second * 1000)) * 1_000_000),
                "name": name,
                "kind": "SERVER",
                "resource": {"service.name": self.service},
                "attributes": attributes,
            }
            lines.append(json.dumps(event, separators=(",", ":")))
        data = ("\n".join(lines) + "\n").encode()
        path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
        return len(lines)


class Gateway(Log):
    """Answers requests with the served model and writes them down."""

    def __init__(self, model):
        super().__init__("forms-gateway", "h")
        self.session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])

    def predict(self, client, images, clock, status=200):
        """Probabilities `[N,10]` for `images` `[N,64]`; `clock` yields the second of the day of each request."""
        sent = np.round(np.clip(images, 0, 1), 3).astype(np.float32)
        (logits,) = self.session.run(None, {"image": sent.reshape(-1, 1, 8, 8)})
        odds = np.exp(logits - logits.max(1, keepdims=True))
        answers = np.round(odds / odds.sum(1, keepdims=True), 4)
        for image, answer, label in zip(sent, answers, logits.argmax(1)):
            facts = {**SERVED, "ml.request.input": [short(value, 3) for value in image]}
            if status == 200:
                facts["ml.response.probabilities"] = [short(value, 4) for value in answer]
                facts["ml.response.label"] = int(label)
            self.write(client, next(clock), "predict form-reader", "/v1/models/form-reader:predict", facts, status)
        return answers


def short(value, digits):
    """A float as few characters as possible; whole numbers without a point."""
    value = round(float(value), digits)
    return int(value) if value == int(value) else value


def ticks(rng, start, low, high):
    """Seconds of the day from `start`, `low` to `high` apart."""
    now = start
    while True:
        yield now
        now += rng.uniform(low, high)


def new_client(rng, network):
    """A key and an address; nothing in them tells who attacks."""
    return {
        "id": "key-" + rng.bytes(5).hex(),
        "address": f"10.{network}.{rng.integers(1, 250)}.{rng.integers(2, 250)}",
        "agent": AGENTS[rng.integers(len(AGENTS))],
    }
