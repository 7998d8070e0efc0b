//! Formats without code: structure that lies, names that lie, templates that escape.

use crate::assembler::Assembler as A;
use crate::check;

fn safetensors(header: &str, data: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; data]].concat()
}

fn tensor(name: &str, begin: u32, end: u32) -> String {
    format!(r#""{name}":{{"dtype":"F32","shape":[{}],"data_offsets":[{begin},{end}]}}"#, (end - begin) / 4)
}

#[test]
fn safetensors_structure() {
    let two = |a: String, b: String| format!("{{{a},{b}}}");
    check("m.safetensors", &safetensors(&two(tensor("a", 0, 8), tensor("b", 8, 16)), 16), &[]);
    let wrong: &[&str] = &["artifact-malformed"];
    check("m.safetensors", &safetensors(&two(tensor("a", 0, 8), tensor("b", 4, 12)), 12), wrong);
    check("m.safetensors", &safetensors(&two(tensor("a", 0, 8), tensor("b", 12, 16)), 16), wrong);
    check("m.safetensors", &safetensors(&two(tensor("a", 0, 8), tensor("a", 8, 16)), 16), wrong);
    check("m.safetensors", &safetensors(&two(tensor("a", 0, 8), tensor("b", 8, 16)), 40), wrong);
    check("m.safetensors", &safetensors(&two(tensor("a", 0, 8), tensor("b", 8, 1600)), 16), wrong);
    check("m.safetensors", &[0xff; 32], wrong);
}

#[test]
fn a_pickle_under_names_of_other_kinds() {
    let pickle = A::protocol(4).raw(b"}").stop();
    for name in ["m.safetensors", "m.onnx", "m.npy", "m.json", "m.csv"] {
        check(name, &pickle, &["file-type-mismatch"]);
    }
    for name in ["m.pkl", "m.pt", "m.bin", "m.ckpt", "m.joblib", "m.model", "m"] {
        check(name, &pickle, &[]);
    }
}

fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn arrays() {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n";
    check("a.npy", &npy(header, &[0; 16]), &[]);
    check("a.npy", &npy(header, &[0; 8]), &["artifact-malformed"]);
    check("a.npy", &npy(&header.replace("(2,)", "(__import__('os'),)"), &[]), &["artifact-malformed"]);
    let objects = header.replace("<f8", "|O");
    let evil = A::protocol(2).global("os", concat!("sys", "tem")).text("id").reduce1().stop();
    check("a.npy", &npy(&objects, &evil), &["npy-object-array", "pickle-code-execution"]);
}

fn gguf(pairs: &[(&str, &str)], tensor_elements: u64) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let mut out = b"GGUF\x03\x00\x00\x00".to_vec();
    out.extend(1_u64.to_le_bytes());
    out.extend((pairs.len() as u64).to_le_bytes());
    for (key, value) in pairs {
        out.extend(text(key));
        out.extend(8_u32.to_le_bytes());
        out.extend(text(value));
    }
    out.extend(text("w"));
    out.extend(1_u32.to_le_bytes());
    out.extend(tensor_elements.to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    out.extend(0_u64.to_le_bytes());
    out.resize(out.len().next_multiple_of(32) + 16, 0);
    out
}

#[test]
fn gguf_structure_and_templates() {
    let plain = "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message.content }}{% endfor %}\
                 {% if system_message is defined %}{{ system_message }}{% endif %}{{ bos_token }}";
    check("m.gguf", &gguf(&[("tokenizer.chat_template", plain)], 4), &[]);
    check("m.gguf", &gguf(&[], 400), &["artifact-malformed"]);
    check("m.gguf", &gguf(&[], u64::MAX), &["artifact-malformed"]);
    for escape in [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum['__globals__'] }}",
        "{{ x|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    ] {
        check("m.gguf", &gguf(&[("tokenizer.chat_template", escape)], 4), &["jinja-code-execution"]);
    }
}

#[test]
fn templates_in_gguf_are_found_under_any_key() {
    let escape = "{{ messages }}{{ lipsum.__globals__ }}";
    check("m.gguf", &gguf(&[("llama.prompt_template", escape)], 4), &["jinja-code-execution"]);
    check("m.gguf", &gguf(&[("general.description", "a {model}")], 4), &[]);
}
