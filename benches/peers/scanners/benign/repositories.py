"""Honest repositories: custom code of the transformers package itself, chat templates, adapters, tokenizers, MAR, NeMo, MLflow, Hydra, Ollama, Triton."""

import io
import json
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from registry import benign
from safetensors.numpy import save

RANDOM = np.random.default_rng(0)
WEIGHTS = save({"model.embed_tokens.weight": RANDOM.normal(size=(8, 4)).astype("f4"), "lm_head.bias": np.zeros(8, "f2")}, metadata={"format": "pt"})


def zipped(members: dict) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def tarred(members: dict, mode="w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def transformers_models():
    import transformers

    base = Path(transformers.__file__).parent / "models"
    return sorted(base.glob("*/modeling_*.py"))


@benign("huggingface", "package")
def auto_map_honest():
    """Repositories with auto_map whose code is that of the transformers package: folders and zips."""
    files = transformers_models()
    for index, file in enumerate(files[:: max(1, len(files) // 40)]):
        name = file.parent.name
        members = {"config.json": json.dumps({"architectures": ["M"], "model_type": name, "auto_map": {"AutoConfig": f"configuration_{name}.C", "AutoModel": f"{file.stem}.M"}, "torch_dtype": "float16", "vocab_size": 8}).encode(), file.name: file.read_bytes(), "model.safetensors": WEIGHTS, "README.md": b"---\nlicense: apache-2.0\n---\n# Model\n\n```python\nfrom transformers import AutoModel\nmodel = AutoModel.from_pretrained('x/y', trust_remote_code=True)\n```\n"}
        configuration = file.with_name(f"configuration_{name}.py")
        if configuration.exists():
            members[configuration.name] = configuration.read_bytes()
        if index % 2:
            yield f"{name}--repository.zip", zipped(members)
        else:
            yield f"{name}--repository", members


@benign("code", "package")
def library_modules():
    """Single modeling, tokenisation and configuration files of the transformers package."""
    import transformers

    base = Path(transformers.__file__).parent / "models"
    for pattern, count in (("*/tokenization_*.py", 12), ("*/image_processing_*.py", 8), ("*/configuration_*.py", 8), ("*/modeling_*.py", 12)):
        files = sorted(base.glob(pattern))
        for file in files[:: max(1, len(files) // count)]:
            yield f"{file.stem}--{file.name}", file.read_bytes()


_TOOLS = "{%- if tools %}\n    {{- '<|im_start|>system\\n' }}\n    {%- if messages[0]['role'] == 'system' %}\n        {{- messages[0]['content'] }}\n    {%- else %}\n        {{- 'You are a helpful assistant.' }}\n    {%- endif %}\n    {{- \"\\n\\n# Tools\\n\\nYou may call one or more functions to assist with the user query.\\n\\nYou are provided with function signatures within <tools></tools> XML tags:\\n<tools>\" }}\n    {%- for tool in tools %}\n        {{- \"\\n\" }}\n        {{- tool | tojson }}\n    {%- endfor %}\n    {{- \"\\n</tools>\\n\\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags<|im_end|>\\n\" }}\n{%- endif %}\n{%- for message in messages %}\n    {%- if message.role == \"tool\" %}\n        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != \"tool\") %}\n            {{- '<|im_start|>user' }}\n        {%- endif %}\n        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}\n    {%- else %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}"

TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "llama2": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "llama3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "llama31-dates": "{{- bos_token }}{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = strftime_now(\"%d %b %Y\") %}{%- else %}{%- set date_string = \"26 Jul 2024\" %}{%- endif %}{%- endif %}{{- 'Cutting Knowledge Date: December 2023\\nToday Date: ' + date_string }}{%- for message in messages %}{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}{%- endfor %}",
    "mistral": "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
    "zephyr": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "gemma": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "tools": _TOOLS,
    "namespace-think": "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}{%- for message in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.multi_step_tool and message.role == \"user\" and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}{%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}{%- endif %}{%- endfor %}{%- for message in messages %}{%- if '</think>' in message.content %}{{- message.content.split('</think>')[-1].lstrip('\\n') }}{%- else %}{{- message.content }}{%- endif %}{%- endfor %}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}",
    "alpaca": "{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] }}{% else %}Below is an instruction that describes a task. Write a response that appropriately completes the request.{% endif %}\n\n{% for m in messages %}{% if m.role == 'user' %}### Instruction:\n{{ m.content }}\n\n{% elif m.role == 'assistant' %}### Response:\n{{ m.content }}\n\n{% endif %}{% endfor %}### Response:\n",
    "vision": "{% set image_count = namespace(value=0) %}{% for message in messages %}{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}{% endfor %}",
    "macro-typescript": "{%- macro json_type(schema) -%}{%- if schema.type == 'array' -%}{{ json_type(schema['items']) }}[]{%- elif schema.type == 'object' -%}object{%- else -%}{{ schema.type }}{%- endif -%}{%- endmacro -%}{%- for tool in tools %}{{- 'type ' + tool.function.name + ' = (_: {' }}{%- for name, p in tool.function.parameters.properties.items() %}{{- name + ': ' + json_type(p) + ',' }}{%- endfor %}{{- '}) => any;' }}{%- endfor %}",
    "safety-classifier": "<start_of_turn>\nYou are a policy expert trying to help determine whether a user prompt is in violation of the defined safety policies.\n\n<start_of_turn>\nHuman Question: {{ messages[-1]['content'] }}\n<end_of_turn>\n\nOur safety principle is defined in the below:\n\n{{ guideline | trim }}\n\nDoes the human question violate the above principle? Your answer must start with 'Yes' or 'No'.",
    "embedding": "{% for message in messages %}{{ 'Represent this sentence for searching relevant passages: ' ~ message.content }}{% endfor %}",
    "groupby-free-filters": "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join('\n') }}{{ (documents or []) | length }}{{ tools | tojson(indent=2) if tools else '' }}",
}


@benign("jinja")
def chat_templates():
    """Chat templates as published models have them, in tokenizer_config.json, as files and in lists."""
    for name, template in TEMPLATES.items():
        yield f"{name}--tokenizer_config.json", json.dumps({"add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>", "model_max_length": 4096, "tokenizer_class": "LlamaTokenizer", "chat_template": template, "added_tokens_decoder": {"0": {"content": "<unk>", "special": True}}}).encode()
        yield f"{name}-file--chat_template.jinja", template.encode()
    yield "list--tokenizer_config.json", json.dumps({"chat_template": [{"name": "default", "template": TEMPLATES["chatml"]}, {"name": "tool_use", "template": TEMPLATES["tools"]}]}).encode()
    yield "separate--chat_template.json", json.dumps({"chat_template": TEMPLATES["vision"]}).encode()


@benign("jinja", "package")
def package_templates():
    """Templates that installed packages carry: of torch, mlflow and others."""
    import torch

    site = Path(torch.__file__).parents[1]
    files = sorted(path for pattern in ("*.jinja", "*.j2", "*.jinja2") for path in site.rglob(pattern))
    for file in files[:40]:
        yield f"{file.parent.name}-{file.stem}--{file.name}", file.read_bytes()


@benign("gguf")
def gguf_files():
    """GGUF of the gguf library: architectures, tokenizers with templates, quantised tensors, arrays, no tensors."""
    import gguf

    for index, (name, template) in enumerate(TEMPLATES.items()):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "m.gguf")
            writer = gguf.GGUFWriter(path, ("llama", "qwen2", "gemma2", "phi3", "bert")[index % 5])
            writer.add_name(f"tiny {name}")
            writer.add_description("A model that does not need os.system or import.")
            writer.add_context_length(4096)
            writer.add_block_count(1)
            writer.add_embedding_length(32)
            writer.add_head_count(4)
            writer.add_file_type(1)
            writer.add_tokenizer_model("gpt2")
            writer.add_token_list(["<s>", "</s>", "import", "os", "Ġeval"] + [f"t{i}" for i in range(200)])
            writer.add_token_types([3, 3] + [1] * 203)
            writer.add_token_merges(["a b", "b c"])
            writer.add_bos_token_id(0)
            writer.add_chat_template(template)
            writer.add_array("general.tags", ["text-generation", "chat"])
            writer.add_tensor("token_embd.weight", RANDOM.normal(size=(205, 32)).astype("f4"))
            writer.add_tensor("blk.0.attn_q.weight", RANDOM.normal(size=(32, 32)).astype("f2"))
            for kind in (gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q4_0):
                writer.add_tensor(f"blk.0.{kind.name}.weight", gguf.quants.quantize(RANDOM.normal(size=(32, 64)).astype("f4"), kind), raw_dtype=kind)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            yield f"{name}--model.gguf", path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "v.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_tokenizer_model("llama")
        writer.add_token_list([b"\xff\xfe", "a"])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        yield "vocabulary-only--vocab.gguf", path.read_bytes()


@benign("safetensors")
def safetensors_files():
    """safetensors that are odd but legal: every type, empty and scalar tensors, none at all, long metadata, indexes, quantised bytes."""
    import ml_dtypes
    import torch
    from safetensors.torch import save as save_torch

    kinds = ["f4", "f8", "f2", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"]
    yield "all-types--model.safetensors", save({f"t{k}": np.ones((2, 3), k) for k in kinds})
    yield "bfloat16--model.safetensors", save_torch({"w": torch.ones(3, dtype=torch.bfloat16), "f8": torch.ones(4).to(torch.float8_e4m3fn)})
    yield "empty-tensor--model.safetensors", save({"a": np.zeros((0, 4), "f4"), "b": np.zeros((3,), "f4")})
    yield "scalar--model.safetensors", save({"a": np.array(3.0, "f4")})
    yield "none--model.safetensors", save({})
    yield "only-metadata--model.safetensors", save({}, metadata={"a": "b"})
    yield "metadata-long--model.safetensors", save({"a": np.ones(2, "f4")}, metadata={"format": "pt", "training": json.dumps({"steps": 1000, "optimizer": "adamw", "args": {"eval": True, "import": "x"}}) * 50, "readme": "import os; see https://example.org/system", "ss_tag_frequency": json.dumps({"a": 1})})
    yield "lora-kohya--lora.safetensors", save({f"lora_unet_{i}.lora_down.weight": RANDOM.normal(size=(4, 16)).astype("f2") for i in range(20)}, metadata={"ss_base_model_version": "sd_v1", "ss_network_module": "networks.lora", "ss_learning_rate": "0.0001", "modelspec.sai_model_spec": "1.0.0", "modelspec.thumbnail": "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ" + "A" * 400})
    yield "zeros--model.safetensors", save({"w": np.zeros((100, 100), "f4")})
    yield "quantised--model.safetensors", save({"w.qweight": RANDOM.integers(-(2**31), 2**31 - 1, (64, 64)).astype("i4"), "w.scales": RANDOM.normal(size=(4, 64)).astype("f2")})
    yield "random-bytes--model.safetensors", save({"packed": RANDOM.integers(0, 256, 100_000).astype("u1")})
    for scale in (0.02, 1.0, 1e-6):
        yield f"normal-{scale}--model.safetensors", save({"w": RANDOM.normal(0, scale, 300_000).astype("f4"), "h": RANDOM.normal(0, scale, 100_000).astype("f2")})
    yield "bf16-upcast--model.safetensors", save({"w": RANDOM.normal(0, 0.02, 200_000).astype(ml_dtypes.bfloat16).astype("f4")})
    yield "f16-upcast--model.safetensors", save({"w": RANDOM.normal(0, 0.02, 200_000).astype("f2").astype("f4")})
    yield "embedding-with-nan--model.safetensors", save({"w": np.array([np.nan, np.inf, 1.0], "f4")})
    yield "names--model.safetensors", save({"a/b.c:0": np.ones(1, "f4"), "módulo": np.ones(1, "f4"), "../x": np.ones(1, "f4")})
    yield "position-ids--model.safetensors", save({"ids": np.arange(5000), "mask": np.tril(np.ones((64, 64), "?"))})
    index = {"metadata": {"total_size": 200}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    yield "index--model.safetensors.index.json", json.dumps(index).encode()
    yield "sharded--folder", {"model.safetensors.index.json": json.dumps(index).encode(), "model-00001-of-00002.safetensors": save({"a": np.ones(4, "f4")}), "model-00002-of-00002.safetensors": save({"b": np.ones(4, "f4")})}


@benign("huggingface")
def repositories():
    """Repositories without code: tokenizers by the tokenizers library, adapters, sentence transformers, diffusers, datasets."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(["import os and eval the system", "hello world"], trainers.BpeTrainer(special_tokens=["[UNK]"]))
    base = {"config.json": json.dumps({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4, "transformers_version": "4.40.0"}).encode(), "generation_config.json": b'{"bos_token_id": 1, "do_sample": true, "temperature": 0.6}', "model.safetensors": WEIGHTS, "tokenizer.json": tokenizer.to_str().encode(), "tokenizer_config.json": json.dumps({"chat_template": TEMPLATES["llama3"], "tokenizer_class": "PreTrainedTokenizerFast"}).encode(), "special_tokens_map.json": b'{"bos_token": "<s>"}', "README.md": b"---\nlicense: mit\npipeline_tag: text-generation\n---\n# Tiny\n"}
    yield "llama--repository", base
    yield "llama--repository.zip", zipped(base)
    yield "tokenizer--tokenizer.json", tokenizer.to_str().encode()
    yield "adapter--repository", {"adapter_config.json": json.dumps({"peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "r": 8, "target_modules": ["q_proj"], "auto_mapping": None, "task_type": "CAUSAL_LM"}).encode(), "adapter_model.safetensors": WEIGHTS}
    yield "adapter-auto-mapping--repository", {"adapter_config.json": json.dumps({"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"}}).encode(), "adapter_model.safetensors": WEIGHTS}
    yield "sentence-transformers--repository", {"modules.json": json.dumps([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]).encode(), "1_Pooling/config.json": b'{"word_embedding_dimension": 4, "pooling_mode_mean_tokens": true}', "config.json": b'{"model_type": "bert"}', "model.safetensors": WEIGHTS, "config_sentence_transformers.json": b'{"__version__": {"sentence_transformers": "2.2.0"}}'}
    yield "diffusers--repository", {"model_index.json": json.dumps({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.27.0", "unet": ["diffusers", "UNet2DConditionModel"], "scheduler": ["diffusers", "DDIMScheduler"], "safety_checker": [None, None]}).encode(), "unet/config.json": b'{"_class_name": "UNet2DConditionModel"}', "unet/diffusion_pytorch_model.safetensors": WEIGHTS, "scheduler/scheduler_config.json": b'{"_class_name": "DDIMScheduler", "num_train_timesteps": 1000}'}
    yield "vision--preprocessor_config.json", json.dumps({"do_resize": True, "size": {"shortest_edge": 224}, "image_mean": [0.5, 0.5, 0.5], "image_processor_type": "CLIPImageProcessor"}).encode()
    yield "timm--config.json", json.dumps({"architecture": "resnet18", "num_classes": 10, "pretrained_cfg": {"tag": "a1_in1k", "url": "https://github.com/huggingface/pytorch-image-models/releases/x.pth", "hf_hub_id": "timm/resnet18"}}).encode()
    yield "trainer--trainer_state.json", json.dumps({"best_metric": 0.5, "epoch": 3.0, "log_history": [{"loss": 1.0, "step": i} for i in range(50)]}).encode()


@benign("mar")
def torchserve_archives():
    """Archives of torch-model-archiver with honest handlers."""
    import torch

    handler = b"import torch\nfrom ts.torch_handler.base_handler import BaseHandler\n\nclass H(BaseHandler):\n    def preprocess(self, data):\n        return torch.stack([torch.tensor(d['body']) for d in data])\n\n    def postprocess(self, output):\n        return output.argmax(1).tolist()\n"
    env_handler = b"import os\nimport json\nimport logging\nfrom ts.torch_handler.vision_handler import VisionHandler\n\nlogger = logging.getLogger(__name__)\n\nclass H(VisionHandler):\n    def initialize(self, context):\n        model_dir = context.system_properties.get('model_dir')\n        path = os.path.join(model_dir, 'index_to_name.json')\n        if os.path.isfile(path):\n            with open(path) as f:\n                self.mapping = json.load(f)\n        self.device = os.environ.get('DEVICE', 'cpu')\n"
    state = io.BytesIO()
    torch.save(torch.nn.Linear(2, 2).state_dict(), state)
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), script)

    def manifest(**model):
        return json.dumps({"createdOn": "01/01/2024 00:00:00", "runtime": "python", "model": {"modelName": "m", "serializedFile": "model.pt", "modelVersion": "1.0", **model}, "archiverVersion": "0.12.0"}).encode()

    yield "custom-handler--model.mar", zipped({"MAR-INF/MANIFEST.json": manifest(handler="handler.py", modelFile="model.py"), "handler.py": handler, "model.py": b"import torch\n\nclass Net(torch.nn.Linear):\n    def __init__(self):\n        super().__init__(2, 2)\n", "model.pt": state.getvalue()})
    yield "mapping-handler--model.mar", zipped({"MAR-INF/MANIFEST.json": manifest(handler="handler.py"), "handler.py": env_handler, "index_to_name.json": b'{"0": "cat"}', "model.pt": script.getvalue()})
    yield "built-in--model.mar", zipped({"MAR-INF/MANIFEST.json": manifest(handler="image_classifier"), "model.pt": script.getvalue()})
    yield "requirements--model.mar", zipped({"MAR-INF/MANIFEST.json": manifest(handler="handler.py", requirementsFile="requirements.txt"), "handler.py": handler, "requirements.txt": b"torchvision==0.17.0\npillow\n", "model.pt": script.getvalue()})
    yield "tgz--model.mar", tarred({"MAR-INF/MANIFEST.json": manifest(handler="image_classifier"), "model.pt": script.getvalue()}, "w:gz")


@benign("nemo")
def nemo_archives():
    """NeMo-like archives: configuration with NeMo targets, weights, tokenizer files; plain and gzipped."""
    import torch

    weights = io.BytesIO()
    torch.save(torch.nn.Linear(2, 2).state_dict(), weights)
    for slug, target in {"asr": "nemo.collections.asr.models.EncDecCTCModelBPE", "encoder": "nemo.collections.asr.modules.ConformerEncoder", "lightning": "pytorch_lightning.Trainer", "torch": "torch.nn.CrossEntropyLoss", "tts": "nemo.collections.tts.modules.transformer.FFTransformerEncoder"}.items():
        config = f"target: {target}\nsample_rate: 16000\npreprocessor:\n  _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor\n  window_size: 0.02\nencoder:\n  _target_: {target}\noptim:\n  name: adamw\n  lr: 0.001\n  sched:\n    name: CosineAnnealing\ntokenizer:\n  dir: null\n  model_path: nemo:abc_tokenizer.model\n".encode()
        yield f"{slug}--model.nemo", tarred({"./model_config.yaml": config, "./model_weights.ckpt": weights.getvalue(), "./abc_vocab.txt": b"a\nb\n"}, "w:gz" if slug == "asr" else "w")


@benign("mlflow")
def mlflow_models():
    """MLflow models saved by the library's format: scikit-learn pickles, XGBoost, pyfunc with code, ONNX."""
    import pickle

    from sklearn.linear_model import LogisticRegression

    model = pickle.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    head = "artifact_path: model\nmlflow_version: 2.14.0\nmodel_uuid: 5f3e\nrun_id: 0a\nutc_time_created: '2024-01-01 00:00:00.000000'\nflavors:\n"
    sklearn = head + "  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n    python_version: 3.11.7\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n    sklearn_version: 1.4.0\n"
    yield "sklearn--folder", {"MLmodel": sklearn.encode(), "model.pkl": model, "conda.yaml": b"channels:\n- conda-forge\ndependencies:\n- python=3.11\n- pip:\n  - mlflow==2.14.0\n  - scikit-learn==1.4.0\nname: mlflow-env\n", "python_env.yaml": b"python: 3.11.7\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n", "requirements.txt": b"mlflow==2.14.0\nscikit-learn==1.4.0\n"}
    yield "sklearn-file--MLmodel", sklearn.encode()
    for flavor in ("xgboost", "lightgbm", "pytorch", "tensorflow", "onnx", "spark", "catboost", "statsmodels", "transformers", "prophet"):
        yield f"{flavor}--MLmodel", (head + f"  python_function:\n    data: model\n    env: conda.yaml\n    loader_module: mlflow.{flavor}\n    python_version: 3.10.4\n  {flavor}:\n    code: null\n    data: model\n").encode()
    yield "pyfunc-class--MLmodel", (head + "  python_function:\n    artifacts: {}\n    cloudpickle_version: 3.0.0\n    code: null\n    loader_module: mlflow.pyfunc.model\n    python_model: python_model.pkl\n").encode()


@benign("hydra")
def configurations():
    """Hydra, Lightning, Keras tuner and plain configurations with targets of ML libraries."""
    targets = ["torch.optim.Adam", "torch.nn.ReLU", "torchvision.transforms.Compose", "pytorch_lightning.Trainer", "lightning.pytorch.callbacks.ModelCheckpoint", "sklearn.ensemble.RandomForestClassifier", "hydra._internal.core_plugins.basic_launcher.BasicLauncher", "transformers.AutoModel.from_pretrained", "omegaconf.DictConfig", "torch.utils.data.DataLoader", "src.models.mnist_module.MNISTLitModule", "src.data.mnist_datamodule.MNISTDataModule", "diffusers.UNet2DModel", "wandb.init", "ldm.models.diffusion.ddpm.LatentDiffusion"]
    for target in targets:
        yield f"{target}--config.yaml", f"model:\n  _target_: {target}\n  lr: 0.001\nseed: 42\npaths:\n  root_dir: ${{oc.env:PROJECT_ROOT}}\n  output_dir: ${{hydra:runtime.output_dir}}\n".encode()
    yield "partial--config.yaml", b"optimizer:\n  _target_: torch.optim.AdamW\n  _partial_: true\n  lr: 0.001\nloss:\n  _target_: torch.nn.CrossEntropyLoss\n"
    yield "ldm--v1-inference.yaml", b"model:\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n  params:\n    first_stage_config:\n      target: ldm.models.autoencoder.AutoencoderKL\n    cond_stage_config:\n      target: ldm.modules.encoders.modules.FrozenCLIPEmbedder\n"
    yield "lightning--config.yaml", b"seed_everything: true\ntrainer:\n  max_epochs: 3\n  callbacks:\n  - class_path: lightning.pytorch.callbacks.EarlyStopping\n    init_args:\n      monitor: val_loss\n"
    yield "yolo--yolov8.yaml", b"nc: 80\nscales:\n  n: [0.33, 0.25, 1024]\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\n  - [-1, 3, C2f, [128, True]]\nhead:\n  - [-1, 1, nn.Upsample, [None, 2, nearest]]\n  - [[15, 18, 21], 1, Detect, [nc]]\n"
    yield "data--data.yaml", b"path: ../datasets/coco\ntrain: images/train\nval: images/val\nnames:\n  0: person\ndownload: https://ultralytics.com/assets/coco.zip\n"


@benign("ollama")
def ollama_files():
    """Ollama manifests, Modelfiles and Go templates as published."""
    def layer(kind, digit):
        return {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": "sha256:" + digit * 64, "size": 100}

    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": "sha256:" + "c" * 64, "size": 485}
    yield "llama3--manifest.json", json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": config, "layers": [layer("model", "a"), layer("template", "b"), layer("params", "d"), layer("license", "e")]}).encode()
    yield "local--manifest.json", json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": config, "layers": [{**layer("model", "a"), "from": "/root/.ollama/models/blobs/sha256-" + "a" * 64}, layer("system", "b")]}).encode()
    yield "simple--Modelfile", b'FROM llama3.2\nPARAMETER temperature 0.7\nPARAMETER stop "<|eot_id|>"\nSYSTEM """You are Mario from Super Mario Bros. Answer as Mario, the assistant, only."""\n'
    yield "gguf--Modelfile", b'FROM ./model.Q4_K_M.gguf\nTEMPLATE """{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}{{ if .Prompt }}<|im_start|>user\n{{ .Prompt }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"""\nADAPTER ./lora.gguf\nLICENSE """MIT"""\n'
    yield "message--Modelfile", b"FROM mistral\nMESSAGE user Is Toronto in Canada?\nMESSAGE assistant yes\n"


@benign("triton")
def triton_repositories():
    """Triton configurations and honest Python models."""
    for backend in ('platform: "onnxruntime_onnx"', 'backend: "tensorflow"', 'platform: "pytorch_libtorch"', 'platform: "tensorrt_plan"', 'platform: "ensemble"', 'backend: "fil"', 'backend: "vllm"'):
        name = backend.split('"')[1]
        yield f"{name}--config.pbtxt", f'name: "m"\n{backend}\nmax_batch_size: 8\ninput [ {{ name: "x" data_type: TYPE_FP32 dims: [ 4 ] }} ]\noutput [ {{ name: "y" data_type: TYPE_FP32 dims: [ 2 ] }} ]\ninstance_group [ {{ kind: KIND_CPU count: 1 }} ]\ndynamic_batching {{ }}\n'.encode()
    python = b"import json\nimport numpy as np\nimport triton_python_backend_utils as pb_utils\n\n\nclass TritonPythonModel:\n    def initialize(self, args):\n        self.config = json.loads(args['model_config'])\n\n    def execute(self, requests):\n        responses = []\n        for request in requests:\n            x = pb_utils.get_input_tensor_by_name(request, 'x').as_numpy()\n            responses.append(pb_utils.InferenceResponse([pb_utils.Tensor('y', np.exp(x))]))\n        return responses\n"
    yield "python--repository", {"m/config.pbtxt": b'name: "m"\nbackend: "python"\ninput [ { name: "x" data_type: TYPE_FP32 dims: [ 4 ] } ]\noutput [ { name: "y" data_type: TYPE_FP32 dims: [ 4 ] } ]\n', "m/1/model.py": python}
