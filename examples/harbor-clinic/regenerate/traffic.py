"""A day at the clinic's gateways: ordinary clients, and attacks that are really run against form reader 1.

Every prediction in the log is the model's own answer to the logged input (both rounded as written), so a reader can
replay it. Nobody sends more than 60 requests a minute: the declared rate limit holds on this day.
"""

import numpy as np

from attacks import evasion_boundary, evasion_square, extraction_jacobian, extraction_mixtures
from chats import assistant
from gateway import SERVED, Gateway, Log, new_client, ticks

LOG, CHAT_LOG = "logs/inference-2026-11-18.ndjson.gz", "logs/assistant-2026-11-18.ndjson"
"""Where the events of the form reader and of the assistant go."""
KINDS = (
    ["practice"] * 20
    + ["light"] * 10
    + ["batch"] * 3
    + ["noisy scanner"] * 2
    + ["retrying"] * 2
    + ["health check", "one digit", "quality test"]
)
"""What the 40 ordinary clients of the form reader do."""


def scan(rng, images, noise):
    """Images as a scanner sees them again: a little noise where there is ink or dust, other brightness."""
    dust = rng.normal(0, noise, images.shape) * (rng.random(images.shape) < 0.6)
    return np.clip(images * rng.uniform(0.94, 1.0, (len(images), 1)) + dust, 0, 1)


def ordinary(rng, gateway, client, kind, images, labels):
    """A day of one ordinary client."""

    def draw(count, among=None):
        chosen = rng.choice(len(images) if among is None else among, size=count)
        return images[chosen]

    def forms(total, noise):
        """Forms of 4 to 10 digits between seven and seven, spread so that the rate limit is never near."""
        hours = np.sort(rng.choice(np.arange(7 * 60, 19 * 60, 2), size=max(1, total // 7), replace=False)) * 60.0
        for start in hours:
            clock = ticks(rng, start + rng.uniform(0, 20), 0.3, 1.4)
            gateway.predict(client, scan(rng, draw(rng.integers(4, 11)), noise), clock)

    if kind == "practice":
        forms(rng.integers(60, 170), 0.015)
    elif kind == "light":
        forms(rng.integers(7, 30), 0.015)
    elif kind == "noisy scanner":
        forms(rng.integers(90, 130), 0.09)
    elif kind == "batch":
        size = rng.integers(260, 380)
        gateway.predict(client, scan(rng, draw(size), 0.015), ticks(rng, rng.uniform(1, 5) * 3600, 1.03, 1.25))
    elif kind == "retrying":
        for start in np.sort(rng.uniform(7, 19, 70)) * 3600:
            image = scan(rng, draw(1), 0.015)
            tries = rng.integers(1, 4)
            clock = ticks(rng, start, 1.5, 4)
            for attempt in range(tries):
                gateway.predict(client, image, clock, 200 if attempt == tries - 1 else 503)
    elif kind == "health check":
        gateway.predict(client, np.repeat(images[:1], 144, 0), ticks(rng, 17.0, 599.6, 600))
    elif kind == "one digit":
        zeros = np.flatnonzero(labels == 0)
        gateway.predict(client, scan(rng, draw(120, zeros), 0.015), ticks(rng, 8 * 3600, 180, 320))
    elif kind == "quality test":
        forms_of_test = draw(15)
        for round_of_test, brightness in enumerate((1.0, 0.95, 0.9, 0.85, 0.8, 0.75)):
            gateway.predict(client, forms_of_test * brightness, ticks(rng, 36000 + round_of_test * 1200, 1.5, 4))


def guess_keys(rng, gateway):
    """Tries keys until the gateway has enough of it: 70 refusals in some four minutes."""
    client = new_client(rng, 66)
    clock = ticks(rng, 3.4 * 3600, 2, 5)
    for _ in range(70):
        gateway.write(client, next(clock), "predict form-reader", "/v1/models/form-reader:predict", SERVED, 401)
    return client


def make_log(root, train_x, test_x, test_y, report):
    """The logs of the day; returns ordinary clients and attackers for the truth file."""
    rng = np.random.default_rng(18)
    gateway = Gateway(str(root / "form-reader/models/form-reader-v1.onnx"))
    images, labels = test_x.reshape(-1, 64), test_y
    own = train_x.reshape(-1, 64)
    clients = [(new_client(rng, 20), kind) for kind in KINDS]
    for client, kind in clients:
        ordinary(rng, gateway, client, kind, images, labels)
    ordinary_events = len(gateway.events)

    attackers = []

    def attacked(name, client, before, **result):
        attackers.append(
            {"log": LOG, "client": client["id"], "attack": name, "events": len(gateway.events) - before, **result}
        )

    client, before = new_client(rng, 20), len(gateway.events)
    fidelity = extraction_jacobian(rng, gateway, client, scan(rng, own[:96], 0.02), images, 9.1 * 3600)
    attacked("extraction by Jacobian augmentation", client, before, fidelity=round(float(fidelity), 3))

    client, before = new_client(rng, 20), len(gateway.events)
    fidelity = extraction_mixtures(rng, gateway, client, scan(rng, own[200:260], 0.02), images, 22.3 * 3600)
    attacked("extraction by mixtures of own scans", client, before, fidelity=round(float(fidelity), 3))

    right = np.flatnonzero(gateway.session.run(None, {"image": test_x})[0].argmax(1) == labels)
    client, before = new_client(rng, 20), len(gateway.events)
    victims = rng.choice(right, 24, replace=False)
    fooled = evasion_square(rng, gateway, client, images[victims], labels[victims], 13.4 * 3600)
    attacked("evasion, Square (scores)", client, before, images=24, fooled=fooled)

    client, before = new_client(rng, 20), len(gateway.events)
    victims = rng.choice(right, 6, replace=False)
    distance = evasion_boundary(rng, gateway, client, images[victims], labels[victims], own, 1.7 * 3600)
    attacked("evasion, HopSkipJump (labels)", client, before, images=6, median_l2=round(distance, 3))

    before = len(gateway.events)
    attacked("key guessing", guess_keys(rng, gateway), before)

    chats = Log("chat-gateway", "c")
    client = assistant(rng, chats)
    own_events = sum(event[3]["user.id"] == client["id"] for event in chats.events)
    attackers.append({"log": CHAT_LOG, "client": client["id"], "attack": "prompt injection", "events": own_events})
    patients = list(dict.fromkeys(event[3]["user.id"] for event in chats.events))

    busiest = {}
    for second, _, _, attributes in sorted(gateway.events, key=lambda event: event[:2]):
        recent = [s for s in busiest.get(attributes["user.id"], []) if s > second - 60] + [second]
        assert len(recent) <= 60, (attributes["user.id"], len(recent))
        busiest[attributes["user.id"]] = recent
    report["events of the form reader"] = gateway.save(root / LOG)
    report["events of the form reader's ordinary clients"] = ordinary_events
    report["events of the assistant"] = chats.save(root / CHAT_LOG)
    harmless = [{"log": LOG, "client": reader["id"], "kind": kind} for reader, kind in clients]
    harmless += [{"log": CHAT_LOG, "client": key, "kind": "patient"} for key in patients if key != client["id"]]
    return harmless, attackers
