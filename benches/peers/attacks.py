"""ART and foolbox on the reference models, for comparison with `cargo run --example attack_bench`.

pip install numpy torch onnx onnx2torch foolbox adversarial-robustness-toolbox
python benches/peers/attacks.py ../shared/bench/robustness [ATTACK ...]

Prints robust accuracy, L2 distance, queries and CPU seconds (of the process, attack only) as CSV.
"""

import os
import resource
import sys
import time
import warnings

# One thread: waiting threads would count as CPU seconds on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import numpy as np
import torch
from onnx2torch import convert

torch.set_num_threads(1)
EPS = 0.1

# Samples that ART gets where it walks sample by sample.
SLOW = {
    "boundary-l2": 40, "hop-skip-jump-linf": 100, "hopskipjump": 200, "sim-ba-dct-l2": 50, "sim-ba-pixel-l2": 50,
    "square-linf": 200, "square-l2": 200,
}


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Counted(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner, self.queries = inner, 0

    def forward(self, x):
        self.queries += len(x)
        return self.inner(x.float())


def foolbox_attacks():
    import foolbox

    linf = dict(epsilons=[EPS])
    return {
        "fgsm": (foolbox.attacks.LinfFastGradientAttack(), linf),
        "pgd40": (foolbox.attacks.LinfProjectedGradientDescentAttack(abs_stepsize=0.01, steps=40), linf),
        "pgd40_l2": (foolbox.attacks.L2ProjectedGradientDescentAttack(abs_stepsize=0.05, steps=40), dict(epsilons=[0.5])),
        "deepfool": (foolbox.attacks.L2DeepFoolAttack(steps=50, candidates=10), dict(epsilons=[None])),
        "cw_l2": (
            foolbox.attacks.L2CarliniWagnerAttack(
                binary_search_steps=5, steps=200, stepsize=0.01, initial_const=0.1
            ),
            dict(epsilons=[None]),
        ),
        "hopskipjump": (
            foolbox.attacks.HopSkipJumpAttack(steps=10, initial_gradient_eval_steps=100, max_gradient_eval_steps=1000),
            dict(epsilons=[None]),
        ),
        "boundary-l2": (foolbox.attacks.BoundaryAttack(steps=2500), dict(epsilons=[None])),
        "hop-skip-jump-linf": (
            foolbox.attacks.HopSkipJumpAttack(
                steps=10, initial_gradient_eval_steps=100, max_gradient_eval_steps=1000, constraint="linf"
            ),
            dict(epsilons=[None]),
        ),
        # A tenth of 8 pixels.
        "spatial": (
            foolbox.attacks.SpatialAttack(
                max_translation=0.8, max_rotation=30, num_translations=5, num_rotations=31, grid_search=True
            ),
            dict(epsilons=None),
        ),
    }


def run_foolbox(name, model, x, y):
    import foolbox

    if name not in foolbox_attacks():
        return None
    attack, extra = foolbox_attacks()[name]
    wrapped = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    _, clipped, _ = attack(wrapped, torch.from_numpy(x), torch.from_numpy(y), **extra)
    return (clipped[0] if isinstance(clipped, list) else clipped).detach().numpy()


def run_art(name, model, x, y, classes):
    from art.attacks import evasion
    from art.estimators.classification import PyTorchClassifier

    classifier = PyTorchClassifier(
        model, torch.nn.CrossEntropyLoss(), input_shape=x.shape[1:], nb_classes=classes, clip_values=(0, 1)
    )
    attacks = {
        "fgsm": lambda: evasion.FastGradientMethod(classifier, eps=EPS, batch_size=256),
        "pgd40": lambda: evasion.ProjectedGradientDescent(
            classifier, eps=EPS, eps_step=0.01, max_iter=40, num_random_init=1, batch_size=256, verbose=False
        ),
        "pgd40_l2": lambda: evasion.ProjectedGradientDescent(
            classifier, norm=2, eps=0.5, eps_step=0.05, max_iter=40, num_random_init=1, batch_size=256, verbose=False
        ),
        "apgd_ce": lambda: evasion.AutoProjectedGradientDescent(
            classifier, eps=EPS, eps_step=0.2, max_iter=100, nb_random_init=1, batch_size=256, verbose=False,
            loss_type="cross_entropy",
        ),
        "apgd_dlr": lambda: evasion.AutoProjectedGradientDescent(
            classifier, eps=EPS, eps_step=0.2, max_iter=100, nb_random_init=1, batch_size=256, verbose=False,
            loss_type="difference_logits_ratio",
        ),
        "deepfool": lambda: evasion.DeepFool(classifier, max_iter=50, nb_grads=10, batch_size=256, verbose=False),
        "square": lambda: evasion.SquareAttack(
            classifier, eps=EPS, max_iter=1000, p_init=0.8, nb_restarts=1, batch_size=1000, verbose=False
        ),
        "hopskipjump": lambda: evasion.HopSkipJump(
            classifier, max_iter=10, max_eval=1000, init_eval=100, init_size=100, batch_size=64, verbose=False
        ),
    }
    attacks |= {
        "boundary-l2": lambda: evasion.BoundaryAttack(
            classifier, targeted=False, max_iter=150, delta=0.01, epsilon=0.01, batch_size=64, verbose=False
        ),
        "hop-skip-jump-linf": lambda: evasion.HopSkipJump(
            classifier, norm=np.inf, max_iter=10, max_eval=1000, init_eval=100, init_size=100, batch_size=64, verbose=False
        ),
        # ART asks some 2.3 times an iteration.
        "square-linf": lambda: evasion.SquareAttack(
            classifier, eps=EPS, max_iter=2200, p_init=0.8, nb_restarts=1, batch_size=1000, verbose=False
        ),
        "square-l2": lambda: evasion.SquareAttack(
            classifier, norm=2, eps=0.5, max_iter=2200, p_init=0.1, nb_restarts=1, batch_size=1000, verbose=False
        ),
        "sim-ba-pixel-l2": lambda: evasion.SimBA(
            classifier, attack="px", epsilon=0.1, max_iter=2500, order="random", batch_size=1, verbose=False
        ),
        "sim-ba-dct-l2": lambda: evasion.SimBA(
            classifier, attack="dct", epsilon=0.1, max_iter=2500, freq_dim=8, stride=1, batch_size=1, verbose=False
        ),
        # ART takes the one move that breaks most samples, not the worst for each.
        "spatial": lambda: evasion.SpatialTransformation(
            classifier, max_translation=10, num_translations=5, max_rotation=30, num_rotations=31, verbose=False
        ),
    }
    # Square wants pictures; the same reading of 64 elements as 8 by 8 is used by the project.
    if name not in attacks:
        return None
    if name.startswith("sim-ba"):
        classifier = PyTorchClassifier(
            torch.nn.Sequential(model, torch.nn.Softmax(dim=1)), torch.nn.NLLLoss(), input_shape=x.shape[1:],
            nb_classes=classes, clip_values=(0, 1),
        )
        y = np.eye(classes)[y]
    return attacks[name]().generate(x, y=y)


def main():
    folder = sys.argv[1]
    # A number among the names of attacks is how many samples to take at most.
    most = next((int(word) for word in sys.argv[2:] if word.isdigit()), 1000)
    wanted = [word for word in sys.argv[2:] if not word.isdigit()] or ["fgsm", "pgd40", "square", "hopskipjump"]
    np.random.seed(1)
    torch.manual_seed(1)
    print("model,tool,attack,n,robust_acc,mean_l2,median_l2,median_linf,queries_per_input,cpu_s,wall_s", flush=True)
    for name in ["mlp8", "cnn8"]:
        inner = convert(f"{folder}/{name}.onnx")
        if name == "mlp8":
            inner = torch.nn.Sequential(torch.nn.Flatten(), inner)
        x = np.load(f"{folder}/{name}_x.npy").astype(np.float32).reshape(-1, 1, 8, 8)
        y = np.load(f"{folder}/{name}_y.npy").astype(np.int64)
        for attack in wanted:
            for tool in ["art", "foolbox"]:
                if attack in {"art": ["cw_l2"], "foolbox": ["square", "apgd_ce", "apgd_dlr"]}[tool]:
                    continue
                # ART walks sample by sample here; some of them are enough for the distance.
                count = min(most, SLOW.get(attack, len(x)) if tool == "art" else len(x))
                model = Counted(inner).eval()
                wall, cpu = time.time(), cpu_seconds()
                if tool == "art":
                    found = run_art(attack, model, x[:count], y[:count], 10)
                else:
                    found = run_foolbox(attack, model, x[:count], y[:count])
                wall, cpu = time.time() - wall, cpu_seconds() - cpu
                if found is None:
                    continue
                with torch.no_grad():
                    right = inner(torch.from_numpy(found)).argmax(1).numpy() == y[:count]
                distance = np.linalg.norm((found - x[:count]).reshape(count, -1), axis=1)
                moved = distance[(distance > 0) & ~right]
                cubes = np.abs(found - x[:count]).reshape(count, -1).max(axis=1)[(distance > 0) & ~right]
                print(
                    f"{name},{tool},{attack},{count},{right.mean():.3f},{moved.mean():.4f},{np.median(moved):.4f},"
                    f"{np.median(cubes):.4f},"
                    f"{model.queries / count:.1f},{cpu:.3f},{wall:.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
