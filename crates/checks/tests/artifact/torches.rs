//! PyTorch's archives: compiled models, packages, exported programs.

use crate::archives::plain;
use crate::{check, rules};

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let names: Vec<String> = members.iter().map(|(name, _)| format!("m/{name}")).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(members.iter().map(|(_, content)| *content)).collect();
    plain(&members)
}

fn script(line: &str) -> Vec<u8> {
    let source =
        format!("class M(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    {line}\n    return x\n");
    archive(&[("data.pkl", b"\x80\x02}."), ("code/__torch__.py", source.as_bytes()), ("version", b"3\n")])
}

#[test]
fn sources_of_compiled_models() {
    for (line, expected) in [
        ("_0 = torch.relu(x)", None),
        ("_0 = ops.torchvision.nms(x, x, 0.5)", None),
        ("_0 = (self.layer).forward(x, )", None),
        ("_0 = torch.zeros([2, 3], dtype=None)", None),
        ("_0 = __torch__.torch.classes.quantized.Conv2dPackedParamsBase", None),
        ("_0 = torch.from_file(\"/etc/hostname\", False, 10)", Some("torchscript-file-access")),
        ("ops.aten.save(x, \"/tmp/x\")", Some("torchscript-file-access")),
        ("_0 = torch.load(\"/tmp/x\")", Some("torchscript-file-access")),
        ("_0 = ^PythonOp()(x)", Some("torchscript-code-execution")),
        ("exec(\"1\")", Some("torchscript-code-execution")),
        ("import os", Some("torchscript-code-execution")),
        ("_0 = torch.distributed.rpc.rpc_async(\"a\", \"f\", (x,))", Some("torchscript-network-access")),
        ("_0 = ops.stranger.run(x)", Some("torchscript-custom-operator")),
        ("_0 = __torch__.torch.classes.stranger.Shell()", Some("torchscript-custom-operator")),
        ("while True:", Some("torchscript-resource-exhaustion")),
        ("_0 = torch.zeros([1000000000000, 1000], dtype=None)", Some("torchscript-resource-exhaustion")),
    ] {
        let found = rules("m.pt", &script(line));
        let own: Vec<&str> =
            found.iter().map(String::as_str).filter(|rule| rule.starts_with("torchscript-")).collect();
        assert_eq!(own, expected.into_iter().collect::<Vec<_>>(), "{line}");
    }
}

#[test]
fn packages() {
    let package = |source: &str| {
        archive(&[
            (".data/extern_modules", b"torch\n"),
            (".data/version", b"6\n"),
            ("shop/model.py", source.as_bytes()),
        ])
    };
    let bad = package(concat!("import os\nos.sys", "tem('id')\n"));
    assert!(rules("m.pt", &bad).contains(&"torch-package-code".to_owned()));
    let found = crate::findings("m.pt", &package("import torch\n\ndef f(x):\n    return torch.relu(x)\n"));
    assert!(found.iter().all(|finding| finding.severity < vauban_domain::Severity::Medium), "{found:#?}");
}

#[test]
fn exported_programs() {
    let program = |json: &str, more: &[(&str, &[u8])]| {
        let mut members: Vec<(&str, &[u8])> = vec![
            ("archive_format", b"pt2"),
            ("archive_version", b"0"),
            ("models/model.json", json.as_bytes()),
        ];
        members.extend(more);
        archive(&members)
    };
    let node =
        |target: &str| format!(r#"{{"graph_module":{{"graph":{{"nodes":[{{"target":"{target}"}}]}}}}}}"#);
    let shape =
        |text: &str| format!(r#"{{"sym_int_values":{{"s0":{{"as_expr":{{"expr_str":"{text}"}}}}}}}}"#);
    let fires: &[&str] = &["torch-export-code-execution"];
    for (json, more, expected) in [
        (node("torch.ops.aten.relu.default"), &[][..], &[][..]),
        (node("_operator.mul"), &[], &[]),
        (shape("Max(1, FloorDiv(s0, 2)) + 1.5"), &[], &[]),
        (node(concat!("os.sys", "tem")), &[], fires),
        (node("torch.hub.load"), &[], fires),
        (node("torch.ops.stranger.run"), &[], fires),
        (shape("__import__('os')"), &[], fires),
        (
            node("torch.ops.aten.relu.default"),
            &[("data/aotinductor/model/c.so", b"\x7fELF".as_slice())],
            fires,
        ),
    ] {
        let found = rules("m.pt2", &program(&json, more));
        let own: Vec<&str> =
            found.iter().map(String::as_str).filter(|rule| rule.starts_with("torch-")).collect();
        assert_eq!(own, expected, "{json}");
    }
}

#[test]
fn a_plain_archive_is_silent() {
    check("m.pt", &archive(&[("data.pkl", b"\x80\x02}."), ("version", b"3\n")]), &[]);
}

#[test]
fn lua_functions() {
    let number = |value: u32| value.to_le_bytes().to_vec();
    let text = |text: &str| [number(text.len() as u32), text.as_bytes().to_vec()].concat();
    let object = |field: Vec<u8>| {
        let head =
            [number(4), number(1), text("V 1"), text("nn.Linear"), number(3), number(2), number(1)].concat();
        [head, number(2), text("run"), field].concat()
    };
    check("m.t7", &object([number(1), vec![0; 8]].concat()), &[]);
    let function = [number(8), number(3), text("\x1bLJ os execute"), number(0)].concat();
    check("m.t7", &object(function), &["torch7-code-execution"]);
    let code = [number(2), text(concat!("os.exec", "ute('id')"))].concat();
    check("m.t7", &object(code), &["torch7-code-execution"]);
    check(
        "m.t7",
        &[number(3), number(1), number(1), number(2), vec![0xff, 0xff, 0xff, 0x7f]].concat(),
        &["artifact-malformed"],
    );
}

#[test]
fn programs_for_small_devices() {
    let mut lie = [0x40_u32.to_le_bytes().as_slice(), b"ET12eh00", &[0x20, 0, 0, 0]].concat();
    lie.extend(0_u64.to_le_bytes());
    lie.extend((1_u64 << 32).to_le_bytes());
    lie.resize(96, 0);
    check("m.pte", &lie, &["artifact-malformed"]);
}

/// A FlatBuffer in the making: parents first, offsets filled in when the child is there.
struct Buffer(Vec<u8>);

impl Buffer {
    fn number(&mut self, value: u32) -> usize {
        self.0.extend(value.to_le_bytes());
        self.0.len() - 4
    }

    fn point(&mut self, at: usize, target: usize) {
        self.0[at..at + 4].copy_from_slice(&((target - at) as u32).to_le_bytes());
    }

    /// A table with offsets in these slots: its position, and where the offsets stand.
    fn table(&mut self, slots: &[usize]) -> (usize, Vec<usize>) {
        let count = slots.iter().max().map_or(0, |last| last + 1);
        let list = self.0.len();
        self.0.extend((4 + 2 * count as u16).to_le_bytes());
        self.0.extend((4 + 4 * slots.len() as u16).to_le_bytes());
        for slot in 0..count {
            let place = slots.iter().position(|known| *known == slot).map_or(0, |at| 4 + 4 * at as u16);
            self.0.extend(place.to_le_bytes());
        }
        let position = self.number((self.0.len() - list) as u32);
        (position, slots.iter().map(|_| self.number(0)).collect())
    }

    fn vector_of_one(&mut self) -> (usize, usize) {
        let at = self.number(1);
        (at, self.number(0))
    }

    fn text(&mut self, at: usize, text: &str) {
        let target = self.number(text.len() as u32);
        self.0.extend(text.as_bytes());
        self.0.push(0);
        self.point(at, target);
    }
}

#[test]
fn operators_of_programs_for_small_devices() {
    let program = |operator: &str| {
        let mut buffer = Buffer([0_u32.to_le_bytes().as_slice(), b"ET12"].concat());
        let (root, plans) = buffer.table(&[1]);
        buffer.point(0, root);
        let (vector, first) = buffer.vector_of_one();
        buffer.point(plans[0], vector);
        let (plan, fields) = buffer.table(&[0, 6]);
        buffer.point(first, plan);
        buffer.text(fields[0], "forward");
        let (vector, first) = buffer.vector_of_one();
        buffer.point(fields[1], vector);
        let (table, name) = buffer.table(&[0]);
        buffer.point(first, table);
        buffer.text(name[0], operator);
        buffer.0
    };
    check("m.pte", &program("aten::add"), &[]);
    check("m.pte", &program("stranger::run"), &["executorch-custom-operator"]);
}
