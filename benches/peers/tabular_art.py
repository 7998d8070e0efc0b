"""ART's PGD on the credit model of crates/attacks/tests/tabular.rs: how many of its successes are rows that cannot occur.

Needs adversarial-robustness-toolbox and torch. Rows are drawn from the same ranges, not the same rows.
"""

import numpy as np
import torch
from art.attacks.evasion import ProjectedGradientDescent
from art.estimators.classification import PyTorchClassifier

LOW = np.array([1000, 500, 6, 0, 0, 0, 0, 0, 0, 0], np.float64)
HIGH = np.array([10000, 50000, 60, 10000, 30000, 80000, 10, 1, 1, 1], np.float64)
WEIGHT = np.array([-3, 2.5, 1, 2, 1.5, 2, 2, 0.6, -0.2, -0.7])
SPAN = HIGH - LOW


def valid(row, before):
    income, amount, term, instalment, other, debt, late = row[:7]
    job = row[7:]
    return {
        "range": bool(np.all(row >= LOW - 1e-6) and np.all(row <= HIGH + 1e-6)),
        "whole": all(abs(x - round(x)) < 1e-6 for x in (income, amount, term, other, debt, late)),
        "one-hot": sorted(job.tolist()) == [0, 0, 1],
        "fact": bool(other == before[4]),
        "direction": bool(late >= before[6]),
        "instalment": abs(instalment - amount / term) <= 1e-6 * max(1, instalment),
        "debt": abs(debt - other - amount) <= 1e-6 * max(1, debt),
    }


class Credit(torch.nn.Module):
    """Takes rows scaled to the unit range, as somebody who attacks with one eps must."""

    def forward(self, x):
        score = x @ torch.tensor(WEIGHT, dtype=torch.float32) - 0.8
        return torch.stack([torch.zeros_like(score), score], 1)


random = np.random.default_rng(11)
n = 60
amount = np.round(500 + 19000 * random.random(n))
term = np.round(12 + 48 * random.random(n))
other = np.round(30000 * random.random(n))
job = np.eye(3)[random.integers(0, 3, n)]
rows = np.column_stack(
    [np.round(2000 + 8000 * random.random(n)), amount, term, amount / term, other, other + amount, np.round(3 * random.random(n)), job]
)
scaled = ((rows - LOW) / SPAN).astype(np.float32)
model = PyTorchClassifier(Credit(), torch.nn.CrossEntropyLoss(), (10,), 2, clip_values=(0, 1))
truth = model.predict(scaled).argmax(1)
attack = ProjectedGradientDescent(model, eps=0.3, eps_step=0.03, max_iter=40, num_random_init=1, verbose=False)
for name, rounded in [("as ART gives them", False), ("rounded to whole numbers and one-hot", True)]:
    found = attack.generate(scaled, np.eye(2)[truth]).astype(np.float64) * SPAN + LOW
    if rounded:
        for at in (0, 1, 2, 4, 5, 6):
            found[:, at] = np.round(found[:, at])
        found[:, 7:] = np.eye(3)[found[:, 7:].argmax(1)]
    broken = model.predict(((found - LOW) / SPAN).astype(np.float32)).argmax(1) != truth
    looked = [valid(row, before) for row, before in zip(found[broken], rows[broken])]
    invalid = sum(not all(checks.values()) for checks in looked)
    why = {key: sum(not checks[key] for checks in looked) for key in looked[0]} if looked else {}
    print(f"{name}: {broken.sum()} of {n} succeed, {invalid} of them invalid; by reason {why}")
