"""Writes `TRUTH.toml`: every place where a rule must speak, where it must not, and where either is right."""

import json

MODELS = [
    "assistant/models/helper-plain.gguf",
    "assistant/models/helper-template.gguf",
    "form-reader/experimental/form-reader-fused.onnx",
    "form-reader/experimental/form-reader-shared.onnx",
    "form-reader/models/form-reader-v1.onnx",
    "progression/experimental/progression-overlap.safetensors",
    "progression/experimental/progression-renamed.safetensors",
    "progression/models/progression.safetensors",
    "registry/triage-2023/model.pkl",
    "triage/incoming/triage-hooks.pkl",
    "triage/incoming/triage-rules.pkl",
    "triage/models/triage-gb.joblib",
    "triage/models/triage-gb.onnx",
    "triage/models/triage-rf.joblib",
    "triage/models/triage-rf.onnx",
]
"""Models without a signature; the registry's form reader has the bytes of version 1 and is the same asset."""

ORPHANS = [path for path in MODELS if "/experimental/" in path or "/incoming/" in path]
"""Models about which nothing is written down."""

K8S = "platform/k8s/form-reader.yaml"
TF = "platform/terraform/exposed/main.tf"
BOOK = "notebooks/train.ipynb"
REQUIREMENTS = "assistant/requirements.txt"

# (rule, path, text on the line where it is or None, why, further facts)
WEAKNESSES = [
    # artifact
    ("pickle-unknown-callable", "triage/incoming/triage-rules.pkl", None, "names harbor_scoring.rules.RiskScore, a class of a local module", {}),
    ("pickle-unsafe-import", "triage/incoming/triage-hooks.pkl", None, "names builtins.eval and does not call it", {}),
    ("artifact-malformed", "progression/experimental/progression-overlap.safetensors", None, "two tensors claim the same bytes", {}),
    ("file-type-mismatch", "progression/experimental/progression-renamed.safetensors", None, "a pickle of plain values under another name", {}),
    ("onnx-external-data-escape", "form-reader/experimental/form-reader-shared.onnx", None, "weights at ../../../shared/weights.bin", {}),
    ("onnx-custom-operator", "form-reader/experimental/form-reader-fused.onnx", None, "FusedInkNorm of example.harbor-clinic.ops", {}),
    ("jinja-code-execution", "assistant/models/helper-template.gguf", None, "chat template walks to __subclasses__", {}),
    ("npy-object-array", "form-reader/incoming/clerk_notes.npy", None, "dtype object", {}),
    ("archive-ambiguous", "form-reader/incoming/scans_twice.npz", None, "images.npy is in it twice", {}),
    ("archive-path-traversal", "form-reader/incoming/scans_escape.npz", None, "member ../labels.npy", {}),
    # provenance
    *(("model-without-provenance", path, None, "no card, registry entry or DVC file", {}) for path in ORPHANS),
    *(("model-unsigned", path, None, "no signature beside it", {}) for path in MODELS),
    ("dataset-without-provenance", "triage/incoming/triage_train_poisoned.csv", None, "no note, no DVC file", {}),
    ("provenance-digest-mismatch", "progression/data/visits_2026.csv", None, "edited after its MD5 was recorded", {"also_at": ["progression/data/visits_2026.csv.dvc"]}),
    ("provenance-digest-mismatch", "form-reader/incoming/clerk_notes.npy", None, "the note has the SHA-256 of other bytes", {"also_at": ["form-reader/incoming/PROVENANCE.md"]}),
    # dependency
    ("dependency-extra-index", REQUIREMENTS, "--extra-index-url", "a second index beside the public one", {}),
    ("dependency-unpinned", REQUIREMENTS, "openai", "no version", {}),
    ("dependency-unpinned", REQUIREMENTS, "httpx>=0.27", "a lower bound only", {}),
    ("dependency-typosquat", REQUIREMENTS, "transfomers", "one letter short of transformers", {}),
    ("dependency-without-hash", REQUIREMENTS, "transfomers", "a version, but no hash", {}),
    ("dependency-without-hash", REQUIREMENTS, "numpy==", "a version, but no hash", {}),
    ("dependency-direct-url", REQUIREMENTS, "harbor-forms", "a branch of a Git repository", {}),
    ("dependency-unpinned", "triage/pyproject.toml", "dependencies =", "numpy has a lower bound only, and there is no lock file", {"member": "numpy"}),
    ("dependency-unpinned", "triage/pyproject.toml", "dependencies =", "onnxruntime has no version, and there is no lock file", {"member": "onnxruntime"}),
    # code
    ("code-unsafe-load", "triage/serve.py", "return joblib.load", "loads any joblib file", {}),
    ("code-unsafe-load", "triage/serve.py", "return torch.load", "weights_only=False", {}),
    ("code-unsafe-load", "triage/serve.py", "return np.load", "allow_pickle=True", {}),
    ("code-unsafe-load", "triage/serve.py", "return yaml.load", "UnsafeLoader", {}),
    ("code-unsafe-load", BOOK, None, "pickle.load in the last cell", {}),
    ("code-remote-code-trusted", "assistant/embeddings.py", "trust_remote_code=True", "runs code of the hub", {}),
    ("code-unpinned-model", "assistant/embeddings.py", "AutoTokenizer.from_pretrained", "no revision", {}),
    ("code-unpinned-model", "assistant/embeddings.py", "AutoModel.from_pretrained", "no revision", {}),
    ("code-unpinned-model", "assistant/embeddings.py", "load_dataset(", "no revision", {}),
    ("code-tls-verification-off", "assistant/agent.py", "verify=False", "certificates are not checked", {}),
    # notebook
    ("notebook-install-from-url", BOOK, None, "pip install from Git", {}),
    ("notebook-secret-in-output", BOOK, None, "a connection string was printed", {}),
    ("notebook-personal-data-in-output", BOOK, None, "names, dates of birth and mail addresses were printed", {}),
    # secret
    ("secret-password", "assistant/settings.py", "SCHEDULER_PASSWORD", "a literal", {}),
    ("secret-password", BOOK, None, "a literal in a cell", {}),
    ("secret-connection-string", "assistant/settings.py", "RECORDS_DATABASE", "user and password in a URL", {}),
    ("secret-private-key", "platform/k8s/demo-tls.pem", "PRIVATE KEY", "a private key block (its body is no key)", {}),
    # config
    ("container-runs-as-root", "assistant/Dockerfile", None, "no USER", {}),
    ("container-unpinned-image", "assistant/Dockerfile", "FROM", "latest", {}),
    ("container-unpinned-image", K8S, "image:", "latest", {}),
    ("container-remote-script", "assistant/Dockerfile", "curl", "a download goes straight into a shell", {}),
    ("container-secret-in-build", "assistant/Dockerfile", "ARG", "the value stays in the image's history", {}),
    ("kubernetes-privileged", K8S, "privileged:", "privileged container, on the host's network", {}),
    ("kubernetes-host-path", K8S, "hostPath:", "a folder of the node", {}),
    ("kubernetes-no-limits", K8S, None, "no limits for CPU and memory", {}),
    ("kubernetes-secret-in-env", K8S, "value: harbor", "a literal password", {}),
    ("bucket-unencrypted", TF, 'aws_s3_bucket" "', "no encryption configured", {}),
    # access
    ("endpoint-without-authentication", K8S, None, "an InferenceService that asks nobody who they are", {}),
    ("notebook-server-without-token", "platform/k8s/notebook.yaml", "ServerApp.token", "empty token and password, on all addresses", {}),
    ("bucket-public", TF, '"public-read"', "everyone can read it", {}),
    ("role-wildcard", TF, '"*"', "every action on every resource", {}),
    ("namespace-without-network-policy", K8S, None, "nothing selects the pods of harbor-ml", {"member": "harbor-ml"}),
    # agent
    ("mcp-server-unpinned", "assistant/mcp.json", '"leaflets"', "npx -y without a version", {"member": "leaflets"}),
    ("mcp-server-unpinned", "assistant/mcp.json", '"calendar"', "uvx without a version", {"member": "calendar"}),
    ("mcp-secret-in-config", "assistant/mcp.json", "MAIL_API_TOKEN", "a literal token", {"member": "mail"}),
    ("mcp-remote-without-tls", "assistant/mcp.json", "http://", "not encrypted, and not on this machine", {"member": "imaging"}),
    ("agent-tool-without-approval", "assistant/agent.py", "def run_report", "runs a shell", {"member": "run_report"}),
    ("agent-tool-without-approval", "assistant/agent.py", "def delete_appointment", "deletes files", {"member": "delete_appointment"}),
    ("agent-tool-without-approval", "assistant/agent.py", "def send_mail", "sends mail", {"member": "send_mail"}),
    ("agent-runs-model-output", "assistant/dose_calculator.py", "eval(", "evaluates what the model wrote", {}),
    ("prompt-hidden-characters", "assistant/prompts/mail_reply.md", None, "zero-width spaces, a sentence in tag characters, a reversed one", {}),
    ("prompt-secret", "assistant/prompts/system.md", "https://", "a URL with a password", {}),
    ("agent-untrusted-to-exit", "assistant/agent.py", None, "reads pages and questions of strangers, reads records, sends mail", {}),
    # dataset
    ("dataset-label-anomaly", "triage/incoming/triage_train_poisoned.csv", None, "34 of 426 labels are flipped, 12 of them with a trigger", {}),
    ("dataset-personal-data", "assistant/data/appointments.csv", None, "names, dates of birth, mail addresses, telephone numbers", {}),
    ("dataset-train-test-overlap", "triage/splits/test.csv", None, "20 of 100 rows are training rows", {"also_at": ["triage/splits/train.csv"]}),
    # declaration
    ("claim-contradicted", "vauban.toml", 'control = "mcp-server-pinning"', "two servers name no version", {}),
    ("claim-stale", "vauban.toml", 'control = "model-signing"', "of 2024", {}),
    ("declared-nothing-matches", "vauban.toml", "registry/readmission/**", "there is no such folder", {}),
    ("vendor-unassessed", "vauban.toml", 'name = "Blot and Sons Imaging"', "no date of assessment", {}),
    ("acceptance-unused", "vauban.toml", 'fingerprint = "0000', "no such finding", {}),
    ("acceptance-expired", "vauban.toml", 'fingerprint = "1111', "until March 2026", {}),
    # measured by attack, with the scopes of vauban.toml
    ("model-weak-to-evasion", "form-reader/models/form-reader-v1.onnx", None, "robust accuracy near .5 at .1, .7 asked for", {}),
    ("model-copied-by-queries", "form-reader/models/form-reader-v1.onnx", None, "a surrogate agrees on .97 of the test images after 1,536 queries", {}),
]

CLEAN = [
    ("assistant/README.md", "text"),
    ("assistant/approved/Dockerfile", "digest, user, no secret"),
    ("assistant/approved/agent.py", "asks a person before it deletes, and has no way out"),
    ("assistant/approved/dose_calculator.py", "literal_eval, and not of what a model wrote"),
    ("assistant/approved/embeddings.py", "revisions, no code of the hub"),
    ("assistant/approved/mcp.json", "versions, references to secrets, TLS or loopback"),
    ("assistant/approved/requirements-locked.txt", "versions and hashes"),
    ("assistant/approved/settings.py", "secrets from the environment; words that only look like one"),
    ("assistant/data/opening_hours.csv", "nothing personal, with a note"),
    ("assistant/prompts/leaflet.md", "joiners that belong to an emoji, scripts from right to left"),
    ("assistant/pyproject.toml", "a range, with a lock file beside it"),
    ("assistant/uv.lock", "versions and hashes"),
    ("dvc.yaml", "ordinary stages"),
    ("form-reader/data/test_x.npy", "ordinary array, with a note"),
    ("form-reader/data/test_y.npy", "ordinary array, with a note"),
    ("form-reader/data/train_x.npy", "ordinary array, with a note; no row of the test split"),
    ("form-reader/data/train_y.npy", "ordinary array, with a note"),
    ("form-reader/incoming/scans_plain.npz", "ordinary NPZ, with a note"),
    ("form-reader/models/README.md", "a card"),
    ("form-reader/models/form-reader-v2.onnx.sig", "a valid signature"),
    ("form-reader/models/release-key.pub.pem", "a public key"),
    ("form-reader/models/form-reader-v2.onnx", "signed, has a card, trained adversarially"),
    ("notebooks/train_clean.ipynb", "versions, no secret, no person"),
    ("platform/k8s/form-reader-hardened.yaml", "authentication, limits, digest, network policy"),
    ("platform/k8s/notebook-hardened.yaml", "token from a secret, network policy"),
    ("platform/terraform/hardened/main.tf", "private, encrypted, one action"),
    ("progression/data/diabetes_test.csv", "its DVC file has its digest"),
    ("progression/data/diabetes_train.csv", "its DVC file has its digest"),
    ("progression/models/MLmodel", "names the safetensors file"),
    ("registry/form-reader/MLmodel", "ONNX flavour"),
    ("regenerate/artifacts.py", "writes faulty files, loads none"),
    ("regenerate/attacks.py", "ordinary code"),
    ("regenerate/chats.py", "ordinary code; its texts of attacks are no prompts"),
    ("regenerate/gateway.py", "ordinary code"),
    ("regenerate/make.py", "ordinary code"),
    ("regenerate/models.py", "ordinary code"),
    ("regenerate/records.py", "ordinary code; what it puts into the notebook is no weakness of it"),
    ("regenerate/requirements.txt", "versions and hashes"),
    ("regenerate/traffic.py", "ordinary code"),
    ("regenerate/truth.py", "ordinary code"),
    ("triage/data/triage_test.csv", "with a note; no row of the training table"),
    ("triage/data/triage_test_x.npy", "ordinary array, with a note"),
    ("triage/data/triage_test_y.npy", "ordinary array, with a note"),
    ("triage/data/triage_train.csv", "labels as the source has them, with a note"),
    ("triage/serve_safely.py", "no pickle, no YAML tags"),
]

# Files that have weaknesses, and rules that must still be silent on them.
CLEAN_OF_RULES = [
    ("pickle-unknown-callable", "registry/triage-2023/model.pkl", "an ordinary scikit-learn model"),
    ("pickle-unsafe-import", "registry/triage-2023/model.pkl", "an ordinary scikit-learn model"),
    ("model-without-provenance", "registry/triage-2023/model.pkl", "an MLmodel beside it"),
    *(
        (rule, f"triage/models/triage-{short}.joblib", "an ordinary scikit-learn ensemble")
        for short in ("gb", "rf")
        for rule in ("pickle-code-execution", "pickle-unknown-callable", "pickle-unsafe-import", "artifact-malformed", "file-type-mismatch")
    ),
    ("jinja-code-execution", "assistant/models/helper-plain.gguf", "an ordinary chat template"),
    ("model-without-provenance", "assistant/models/helper-plain.gguf", "a card beside it"),
    ("archive-bomb", "form-reader/incoming/scans_blank.npz", "an array of zeros shrinks as far as a bomb and is what it says"),
    ("artifact-malformed", "progression/models/progression.safetensors", "well formed"),
    ("onnx-custom-operator", "triage/models/triage-gb.onnx", "ai.onnx.ml is shipped by every runtime"),
    ("model-weak-to-evasion", "triage/models/triage-gb.onnx", "above the .3 that are asked for"),
    ("dataset-without-provenance", "assistant/data/appointments.csv", "with a note"),
    ("mcp-server-unpinned", "assistant/mcp.json!opening-hours", "has a version"),
    ("mcp-remote-without-tls", "assistant/mcp.json!terminology", "https"),
    ("namespace-without-network-policy", "platform/k8s/notebook.yaml", "the policy of harbor-research is in notebook-hardened.yaml"),
    ("container-unpinned-image", "platform/k8s/notebook.yaml", "a digest"),
    ("kubernetes-no-limits", "platform/k8s/notebook.yaml", "has limits"),
]

# Where a second rule may also speak, or a threshold decides: neither counts for or against.
EITHER = [
    ("model-unsigned", "registry/form-reader/model.onnx", "the same bytes as version 1, which is listed"),
    ("model-copied-by-queries", "form-reader/models/form-reader-v2.onnx", "depends on the queries that are spent"),
    ("model-copied-by-queries", "triage/models/triage-gb.onnx", "depends on the queries that are spent"),
    ("model-looks-robust-by-masking", "triage/models/triage-gb.onnx", "trees have no gradient"),
    ("model-looks-robust-by-masking", "form-reader/models/form-reader-v2.onnx", "depends on the margin asked for between attacks"),
    ("artifact-malformed", "form-reader/incoming/scans_twice.npz", "beside archive-ambiguous"),
    ("artifact-malformed", "form-reader/incoming/scans_escape.npz", "beside archive-path-traversal"),
    ("artifact-malformed", "progression/experimental/progression-renamed.safetensors", "beside file-type-mismatch"),
    ("artifact-malformed", "form-reader/experimental/form-reader-shared.onnx", "the file outside does not exist"),
    ("dependency-direct-url", BOOK, "beside notebook-install-from-url"),
    ("dependency-unpinned", REQUIREMENTS, "the Git requirement has no version either"),
    ("dependency-without-hash", REQUIREMENTS, "the unpinned lines have no hash either"),
    ("dependency-unpinned", "assistant/Dockerfile", "pip install in it"),
    ("secret-connection-string", BOOK, "beside notebook-secret-in-output"),
    ("secret-password", "assistant/Dockerfile", "beside container-secret-in-build"),
    ("secret-password", K8S, "beside kubernetes-secret-in-env"),
    ("secret-password", "assistant/mcp.json", "beside mcp-secret-in-config"),
    ("secret-connection-string", "assistant/prompts/system.md", "beside prompt-secret"),
    ("container-runs-as-root", K8S, "runAsUser: 0, beside kubernetes-privileged"),
    ("kubernetes-privileged", K8S, "hostNetwork may be a finding of its own"),
    ("agent-runs-model-output", "assistant/agent.py", "run_report runs what the model asks for"),
    ("agent-tool-without-approval", "assistant/agent.py", "fetch_page may be a way out"),
    ("agent-tool-without-approval", "assistant/dose_calculator.py", "no tool is registered"),
    ("endpoint-without-authentication", "vauban.toml", "two flows say that they have no authentication"),
    ("endpoint-without-authentication", "assistant/mcp.json", "imaging is not encrypted"),
    ("claim-contradicted", "vauban.toml", "rate-limit, output-rounding and the others: whether findings of the form reader contradict them depends on the control's list"),
    ("declared-nothing-matches", "vauban.toml", "whether flows and logs resolve to assets is discovery's"),
    ("acceptance-unused", "vauban.toml", "the expired one is unused, too"),
    ("dataset-personal-data", BOOK, "beside notebook-personal-data-in-output"),
    ("dataset-label-anomaly", "triage/splits/train.csv", "ten of the thirty columns: labels are noisier"),
    ("dataset-without-provenance", "logs/assistant-2026-11-18.ndjson", "a log, not a data set to train on"),
    ("dataset-without-provenance", "logs/inference-2026-11-18.ndjson.gz", "a log, not a data set to train on"),
]

NOT_PLANTED = [
    ("archive-bomb", "the tests of the check make some; a real one is no file to keep in a repository"),
    ("pickle-code-execution", "would be live malware; the fixtures of the check make one at test time"),
    ("pickle-file-access", "as above"),
    ("pickle-network-access", "as above"),
    ("secret-credential", "a token of a known provider's form would alarm every secret scanner that sees this repository"),
    ("detection-registry-overwrite", "the log is of the gateway, not of the registry"),
]

CLAIMS = [
    ("rate-limit", "true", "no key sends more than 60 requests in a minute of the log"),
    ("output-rounding", "untrue", "the log has four decimals; no rule must find this, an exercise shows what rounding would change"),
    ("adversarial-training", "true", "see the robust accuracies in README.md"),
    ("inference-logging", "true", "the log is there"),
    ("training-data-provenance", "true", "the note's digests are right"),
    ("mcp-server-pinning", "untrue", "two servers name no version"),
    ("model-signing", "stale", "true of version 2, but last said in 2024"),
]

MUST = {
    "extraction": ["extraction-querying"],
    "evasion": ["evasion-probing"],
    "prompt": ["detection-prompt-injection"],
    "key": ["detection-authentication-failures"],
}
MAY = {
    "extraction": ["evasion-probing", "similar-queries", "detection-request-volume"],
    "evasion": ["extraction-querying", "similar-queries", "detection-request-volume"],
    "prompt": ["detection-prompt-leak", "detection-many-refusals", "detection-unusual-tool-call"],
    "key": ["detection-request-volume", "detection-many-refusals"],
}

HEADER = """\
# What is wrong in this example, and what is not: written by regenerate/truth.py, not by hand.
#
# [[weakness]]    `rule` must have a finding at `path` (or at one of `also_at`); with `line`, at that line or at the
#                 whole file; `member` names the part of the file that it is about. Entries with the same rule and path
#                 are separate findings, unless the rule speaks once per file: then one finding answers for all.
# [[clean]]       with `rule`, that rule is silent at `path`; without, every rule but `model-unsigned` is.
#                 `path!name` is a part of a file.
# [[either]]      a finding of `rule` at `path` counts neither for nor against.
# [[not-planted]] rules that nothing here sets off, and why.
# [[attacker]]    clients of a log that attack: each must have an alert of one rule of `must`; `may` are no mistakes.
# [[ordinary]]    clients that do not: an alert on one is a false positive, to be counted.
# [[claim]]       what the claims of vauban.toml are worth.
#
# Any other finding is a false alarm. Dates are judged as of `as_of`.
"""


def line_of(root, path, text):
    """The only line of `path` that has `text`, or the first of several."""
    lines = (root / path).read_text().splitlines()
    found = [number + 1 for number, line in enumerate(lines) if text in line]
    assert found, (path, text)
    return found[0]


def table(kind, facts):
    """One entry of an array of tables."""
    return f"[[{kind}]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in facts.items() if value is not None
    )


def make_truth(root, ordinary, attackers):
    """Checks that every path and text exists, and writes the file."""
    entries = []
    for rule, path, text, why, more in WEAKNESSES:
        assert (root / path).is_file(), path
        line = line_of(root, path, text) if text else None
        entries.append(table("weakness", {"rule": rule, "path": path, "line": line, **more, "why": why}))
    for path, why in CLEAN:
        assert (root / path).is_file(), path
        entries.append(table("clean", {"path": path, "why": why}))
    for rule, path, why in CLEAN_OF_RULES:
        assert (root / path.split("!")[0]).is_file(), path
        entries.append(table("clean", {"rule": rule, "path": path, "why": why}))
    for rule, path, why in EITHER:
        assert (root / path).is_file(), path
        entries.append(table("either", {"rule": rule, "path": path, "why": why}))
    for rule, why in NOT_PLANTED:
        entries.append(table("not-planted", {"rule": rule, "why": why}))
    for attacker in attackers:
        kind = attacker["attack"].split()[0].rstrip(",")
        entries.append(table("attacker", {**attacker, "must": MUST[kind], "may": MAY[kind]}))
    for client in ordinary:
        entries.append(table("ordinary", client))
    for control, worth, why in CLAIMS:
        entries.append(table("claim", {"control": control, "worth": worth, "why": why}))
    head = f'as_of = "2026-11-20"\nordinary_clients = {len(ordinary)}\nattacking_clients = {len(attackers)}\n'
    (root / "TRUTH.toml").write_text(HEADER + "\n" + head + "\n" + "\n".join(entries))
