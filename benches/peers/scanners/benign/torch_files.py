"""Files that PyTorch writes: state dicts, modules, optimisers, TorchScript, packages, exported programs."""

import io
import pathlib
import tempfile
import warnings

import torch
import torchvision
from registry import benign

warnings.filterwarnings("ignore")
torch.manual_seed(0)


def saved(value, **options) -> bytes:
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


def networks():
    yield "linear", torch.nn.Linear(4, 2)
    yield "mlp", torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(8, 2))
    yield "convolution", torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2))
    yield "lstm", torch.nn.LSTM(4, 8, 2, bidirectional=True)
    yield "transformer", torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(8, 2, 16), 2)
    yield "embedding", torch.nn.Sequential(torch.nn.Embedding(10, 4, padding_idx=0), torch.nn.LayerNorm(4))
    yield "weight-norm", torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(4, 4))
    yield "module-dict", torch.nn.ModuleDict({"a": torch.nn.GELU(), "b": torch.nn.ParameterList([torch.nn.Parameter(torch.ones(2))])})


@benign("pytorch")
def state_dicts_and_modules():
    """State dicts and whole modules in the zip and the legacy format."""
    for name, network in networks():
        yield f"{name}-state--model.pt", saved(network.state_dict())
        yield f"{name}-state-legacy--model.pth", saved(network.state_dict(), _use_new_zipfile_serialization=False)
        if name != "weight-norm":
            yield f"{name}-module--model.pt", saved(network)
            yield f"{name}-module-legacy--model.bin", saved(network, _use_new_zipfile_serialization=False)


@benign("pytorch")
def training_checkpoints():
    """Checkpoints: optimiser and scheduler state, arguments, random states, metrics, half, sparse, quantised and empty tensors."""
    import argparse
    import collections
    import numpy as np

    network = torch.nn.Linear(4, 2)
    for optimiser in (torch.optim.SGD(network.parameters(), 0.1, momentum=0.9), torch.optim.Adam(network.parameters()), torch.optim.AdamW(network.parameters()), torch.optim.LBFGS(network.parameters())):
        network(torch.ones(1, 4)).sum().backward()
        if not isinstance(optimiser, torch.optim.LBFGS):
            optimiser.step()
        scheduler = torch.optim.lr_scheduler.StepLR(optimiser, 3)
        name = type(optimiser).__name__
        yield f"{name}--checkpoint.pt", saved({"epoch": 3, "model": network.state_dict(), "optimizer": optimiser.state_dict(), "scheduler": scheduler.state_dict(), "args": argparse.Namespace(lr=0.1, name="x"), "rng": torch.get_rng_state(), "numpy_rng": np.random.get_state(), "best": np.float64(0.5), "history": collections.defaultdict(list, loss=[1.0])})
        yield f"{name}-object--optimizer.pt", saved(optimiser)
    tensors = {"half": torch.ones(3).half(), "bfloat16": torch.ones(3).bfloat16(), "bool": torch.tensor([True]), "complex": torch.ones(2, dtype=torch.cfloat), "sparse": torch.eye(3).to_sparse(), "empty": torch.zeros(0, 4), "scalar": torch.tensor(3), "int8": torch.ones(2, dtype=torch.int8), "view": torch.arange(10)[2:5], "shared": [torch.ones(3)] * 2, "parameter": torch.nn.Parameter(torch.ones(2)), "size": torch.Size([1, 2]), "device": torch.device("cpu"), "dtype": torch.float32, "float8": torch.ones(2).to(torch.float8_e4m3fn), "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), "csr": torch.eye(3).to_sparse_csr(), "generator": torch.Generator().get_state(), "meta": torch.zeros(2, device="meta"), "nested": {"a": [{"b": (torch.ones(1), None)}]}}
    for name, value in tensors.items():
        yield f"{name}--tensor.pt", saved(value)
    yield "lightning--model.ckpt", saved({"epoch": 1, "global_step": 10, "pytorch-lightning_version": "2.2.0", "state_dict": network.state_dict(), "loops": {}, "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.1), "dirpath": "/x"}}, "optimizer_states": [], "lr_schedulers": [], "hparams_name": "kwargs", "hyper_parameters": {"lr": 0.1}})


@benign("torchscript")
def scripted_and_traced():
    """TorchScript by script and trace, with attributes, constants, submodules and control flow."""
    class Loop(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(4, 4)
            self.names = ["a", "b"]

        def forward(self, x, n: int = 3):
            while n > 0:
                x = self.inner(x)
                n -= 1
            if x.sum() > 0:
                print("positive")
            return x, self.names

    models = {"loop": torch.jit.script(Loop()), "traced": torch.jit.trace(torch.nn.Linear(4, 2), torch.ones(1, 4)), "resnet": torch.jit.script(torchvision.models.resnet18(num_classes=2).eval()), "frozen": torch.jit.freeze(torch.jit.script(Loop().eval())), "mobilenet": torch.jit.trace(torchvision.models.mobilenet_v3_small(num_classes=2).eval(), torch.ones(1, 3, 64, 64))}
    for name, model in models.items():
        out = io.BytesIO()
        torch.jit.save(model, out)
        yield f"{name}--model.pt", out.getvalue()
    out = io.BytesIO()
    torch.jit.save(models["traced"], out, _extra_files={"labels.json": '["cat", "dog"]'})
    yield "extra-files--model.pt", out.getvalue()
    path = pathlib.Path(tempfile.mkdtemp()) / "m.ptl"
    models["traced"]._save_for_lite_interpreter(str(path))
    yield "lite--model.ptl", path.read_bytes()


@benign("pytorch")
def packages_and_exports():
    """torch.package with an honest module, torch.export programs, torchvision weights as whole modules."""
    from torch.package import PackageExporter

    out = io.BytesIO()
    with PackageExporter(out) as exporter:
        exporter.extern(["torch.**", "numpy.**"])
        exporter.save_source_string("shop.model", "import torch\n\nclass Head(torch.nn.Module):\n    def forward(self, x):\n        return torch.relu(x)\n")
        exporter.save_pickle("model", "model.pkl", torch.nn.Linear(2, 2))
        exporter.save_text("text", "labels.txt", "a\nb")
    yield "package--package.pt", out.getvalue()
    for name, network in [("linear", torch.nn.Linear(4, 2)), ("mlp", torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU()))]:
        out = io.BytesIO()
        torch.export.save(torch.export.export(network, (torch.ones(2, 4),)), out)
        yield f"exported-{name}--model.pt2", out.getvalue()
    for name in ("squeezenet1_1", "mobilenet_v2", "shufflenet_v2_x0_5", "efficientnet_b0"):
        yield f"{name}--model.pt", saved(getattr(torchvision.models, name)(num_classes=3))
    graph = torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()))
    yield "state-of-graph-module--model.pt", saved(graph.state_dict())
