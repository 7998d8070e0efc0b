"""Cuts and covers against the mixed-integer solver of SciPy (HiGHS): exits with 1 on any difference.

pip install numpy scipy
cargo run --release -p vauban-analysis --example placement_instances -- FOLDER
python benches/peers/placement.py FOLDER

A cover is solved as weighted set cover. A cut is solved without ways: a potential per node that is 1 where attackers can be
and falls to 0 at the jewels, and may fall over a node only where a chosen control touches it.
"""

import glob
import json
import sys
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix


def solve(costs, rows, lower, columns, whole):
    """Cheapest 0/1 choice with `rows` (lists of (column, factor)) at least `lower`; the first `whole` columns are whole."""
    matrix = lil_matrix((len(rows), columns))
    for index, row in enumerate(rows):
        for column, factor in row:
            matrix[index, column] += factor
    cost = np.zeros(columns)
    cost[: len(costs)] = costs
    integrality = np.zeros(columns)
    integrality[:whole] = 1
    result = milp(
        cost,
        integrality=integrality,
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix.tocsr(), np.array(lower), np.inf),
        options={"mip_rel_gap": 0, "time_limit": 600},
    )
    if result.status != 0:
        raise SystemExit(f"the solver gave up: {result.message}")
    return round(result.fun)


def cover(problem):
    rows = [[(column, 1.0) for column in set(row)] for row in problem["rows"]]
    chosen = set(problem["chosen"])
    holds = all(chosen & set(row) for row in problem["rows"])
    return solve(problem["costs"], rows, [1.0] * len(rows), len(problem["costs"]), len(problem["costs"])), holds


def cut(problem):
    """Columns: controls, then the potential of each node on the way in and on the way out (1 for an attacker)."""
    controls, nodes = len(problem["costs"]), len(problem["arcs"])
    into = lambda node: controls + 2 * node
    out = lambda node: controls + 2 * node + 1
    rows, lower = [], []
    for node, targets in enumerate(problem["arcs"]):
        # out >= in - (chosen controls on the node); in(to) >= out(from)
        rows.append([(out(node), 1.0), (into(node), -1.0)] + [(c, 1.0) for c in set(problem["touching"][node])])
        lower.append(0.0)
        for to in targets:
            rows.append([(into(to), 1.0), (out(node), -1.0)])
            lower.append(0.0)
    for entry in problem["entries"]:
        rows.append([(into(entry), 1.0)])
        lower.append(1.0)
    for jewel in problem["jewels"]:
        rows.append([(out(jewel), -1.0)])
        lower.append(0.0)
    # Our own answer has to hold by a search that we did not write in Rust.
    chosen = set(problem["chosen"])
    free = [not chosen & set(touching) for touching in problem["touching"]]
    seen, open_ = set(), [entry for entry in problem["entries"] if free[entry]]
    while open_:
        node = open_.pop()
        if node not in seen:
            seen.add(node)
            open_ += [to for to in problem["arcs"][node] if free[to]]
    return solve(problem["costs"], rows, lower, controls + 2 * nodes, controls), not seen & set(problem["jewels"])


def main():
    folder = sys.argv[1]
    wrong = 0
    for kind, peer in (("cover", cover), ("cut", cut)):
        files = sorted(glob.glob(f"{folder}/{kind}-*.json"))
        if not files:
            raise SystemExit(f"no {kind} in {folder}; write them with the example placement_instances")
        start, differing, unproven, costly = time.time(), 0, 0, 0
        for file in files:
            problem = json.load(open(file))
            cost, holds = peer(problem)
            own = sum(problem["costs"][column] for column in problem["chosen"])
            unproven += problem["cost"] != problem["lower_bound"]
            costly += problem["cost"] > 0
            if not holds or own != problem["cost"] or cost != problem["cost"] or problem["lower_bound"] > cost:
                differing += 1
                print(f"{file}: ours {problem['cost']} (from {problem['lower_bound']}), HiGHS {cost}, holds: {holds}")
        print(
            f"{kind}: {len(files)} instances ({costly} with a cost), {differing} differ, {unproven} unproven by us,"
            f" HiGHS took {time.time() - start:.1f} s"
        )
        wrong += differing
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
