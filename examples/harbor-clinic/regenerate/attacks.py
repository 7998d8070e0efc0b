"""Attacks on a model behind a gateway, each from its paper: they see only what the gateway answers.

Every function sends requests as `client` from second `start` of the day on and returns what it reached.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from gateway import ticks


class Surrogate(nn.Module):
    """The thief's own network."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 10))

    def forward(self, image):
        return self.layers(image)

    def learn(self, images, answers):
        """Fits the probabilities that were stolen so far."""
        x, y = torch.from_numpy(images).float(), torch.from_numpy(answers).float()
        optimiser = torch.optim.Adam(self.parameters(), lr=3e-3)
        for _ in range(60):
            for batch in torch.randperm(len(x)).split(64):
                optimiser.zero_grad()
                functional.cross_entropy(self(x[batch]), y[batch]).backward()
                optimiser.step()

    def fidelity(self, gateway_session, images):
        """Share of `images` on which thief and victim agree."""
        (truth,) = gateway_session.run(None, {"image": images.astype(np.float32).reshape(-1, 1, 8, 8)})
        with torch.no_grad():
            return (self(torch.from_numpy(images).float()).argmax(1).numpy() == truth.argmax(1)).mean()


def extraction_jacobian(rng, gateway, client, seeds, held, start):
    """Jacobian-based augmentation (Papernot and others 2017): doubles its data along the surrogate's gradients.

    The step changes its sign from round to round, as the paper advises.
    """
    torch.manual_seed(1)
    clock = ticks(rng, start, 1.02, 1.35)
    images = np.round(seeds, 3)
    answers = gateway.predict(client, images, clock)
    thief = Surrogate()
    sign = 1.0
    while True:
        thief.learn(images, answers)
        if len(images) >= 1500:
            break
        at = torch.from_numpy(images).float().requires_grad_(True)
        thief(at).gather(1, torch.from_numpy(answers.argmax(1))[:, None]).sum().backward()
        step = rng.uniform(0.05, 0.2, (len(images), 1))
        moved = np.round(np.clip(images + sign * step * np.sign(at.grad.numpy()), 0, 1), 3)[: 1536 - len(images)]
        sign = -sign
        images, answers = np.vstack([images, moved]), np.vstack([answers, gateway.predict(client, moved, clock)])
    return thief.fidelity(gateway.session, held)


def extraction_mixtures(rng, gateway, client, seeds, held, start, budget=1100):
    """Knockoff (Orekondy and others 2019) on what the thief has: crops, shifts and blends of few own scans."""
    torch.manual_seed(2)
    first, second = rng.integers(len(seeds), size=(2, budget))
    share = rng.uniform(0, 0.5, (budget, 1))
    images = (1 - share) * seeds[first] + share * seeds[second]
    shifts = rng.integers(-1, 2, (budget, 2))
    images = np.stack([np.roll(i.reshape(8, 8), s, (0, 1)).ravel() for i, s in zip(images, shifts)])
    images = np.round(np.clip(images + rng.normal(0, 0.12, images.shape), 0, 1), 3)
    answers = gateway.predict(client, images, ticks(rng, start, 1.02, 1.5))
    thief = Surrogate()
    thief.learn(images, answers)
    return thief.fidelity(gateway.session, held)


def evasion_square(rng, gateway, client, images, labels, start, eps=0.15, budget=120):
    """Square attack (Andriushchenko and others 2020), L-infinity, from scores alone."""
    clock = ticks(rng, start, 1.02, 1.4)
    fooled = 0

    def margin(image, label):
        answer = gateway.predict(client, image[None], clock)[0]
        others = np.delete(answer, label)
        return answer[label] - others.max()

    for original, label in zip(images, labels):
        stripes = np.repeat(rng.choice([-eps, eps], (1, 8)), 8, 0).ravel()
        best = np.clip(original + stripes, 0, 1)
        score = margin(best, label)
        for spent in range(1, budget):
            if score < 0:
                break
            side = max(1, round(8 * np.sqrt(0.5 * (1 - spent / budget))))
            row, column = rng.integers(0, 9 - side, 2)
            window = np.zeros((8, 8), bool)
            window[row : row + side, column : column + side] = True
            change = np.where(window.ravel(), rng.choice([-eps, eps]), best - original)
            trial = np.clip(original + change, 0, 1)
            found = margin(trial, label)
            if found < score:
                best, score = trial, found
        fooled += int(score < 0)
    return fooled


def evasion_boundary(rng, gateway, client, images, labels, strangers, start, rounds=4):
    """HopSkipJump (Chen and others 2020), L2, from labels alone."""
    clock = ticks(rng, start, 1.02, 1.4)
    distances = []

    def wrong(batch, label):
        return gateway.predict(client, batch, clock).argmax(1) != label

    def towards(original, outside, label):
        low, high = 0.0, 1.0
        while high - low > 0.01:
            middle = (low + high) / 2
            if wrong((original + middle * (outside - original))[None], label)[0]:
                high = middle
            else:
                low = middle
        return original + high * (outside - original)

    for original, label in zip(images, labels):
        outside = strangers[rng.integers(len(strangers))]
        while not wrong(outside[None], label)[0]:
            outside = strangers[rng.integers(len(strangers))]
        edge = towards(original, outside, label)
        for round_of_attack in range(rounds):
            count = int(30 * np.sqrt(round_of_attack + 1))
            probes = rng.normal(size=(count, 64))
            probes /= np.linalg.norm(probes, axis=1, keepdims=True)
            distance = np.linalg.norm(edge - original)
            radius = max(0.02, 0.15 * distance)
            signs = np.where(wrong(np.clip(edge + radius * probes, 0, 1), label), 1.0, -1.0)[:, None]
            direction = ((signs - signs.mean()) * probes).sum(0)
            direction /= np.linalg.norm(direction) + 1e-12
            step = distance / np.sqrt(round_of_attack + 1)
            while step > 1e-3 and not wrong(np.clip(edge + step * direction, 0, 1)[None], label)[0]:
                step /= 2
            edge = towards(original, np.clip(edge + step * direction, 0, 1), label)
        distances.append(np.linalg.norm(edge - original))
    return float(np.median(distances))
