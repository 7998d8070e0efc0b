use super::*;

fn facts(name: &str, text: &str) -> HuggingFace {
    let (facts, defects) = read(name, text, &Limits::default());
    assert_eq!(defects, []);
    facts
}

#[test]
fn code_is_found_by_key() {
    let config = facts(
        "config.json",
        r#"{"auto_map": {"AutoModel": "o/r--m.M", "AutoTokenizer": ["t.T", null]}, "custom_pipelines": {"x": {"impl": "p.P"}}}"#,
    );
    let names: Vec<&str> = config.code.iter().map(|code| code.name.as_str()).collect();
    assert_eq!(names, ["o/r--m.M", "t.T", "p.P"]);
    let index =
        facts("model_index.json", r#"{"_class_name": ["pipe", "P"], "unet": ["os", "system"], "x": [1, 2]}"#);
    assert_eq!(index.code[1].name, "os.system");
    let modules = facts("modules.json", r#"[{"idx": 0, "path": "../x", "type": "os.system"}]"#);
    assert_eq!((modules.code[0].name.as_str(), modules.places[0].path.as_str()), ("os.system", "../x"));
}

#[test]
fn templates_become_members_wherever_they_stand() {
    let budget = crate::Budget::default();
    let text = r#"{"tokenizer_class": "T", "bos_token": "{{ x }}", "chat_template": [{"name": "a", "template": "{% if a %}{% endif %}"}]}"#;
    let parsed = crate::parse(&Input::new("tokenizer_config.json", text.as_bytes(), &budget));
    assert_eq!(parsed.format, "hugging-face");
    assert_eq!(parsed.members.len(), 2);
}

#[test]
fn tokenizers_are_read_without_their_vocabulary() {
    let text = r#"{"added_tokens": [{"id": 1, "content": "a token that is long"}], "pre_tokenizer": null, "model": {"vocab": {"a": 1}},
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"Regex": "(a+)+"}, "content": "b"}]}}"#;
    let tokenizer = facts("tokenizer.json", text);
    assert_eq!(tokenizer.patterns, ["(a+)+"]);
    assert_eq!(tokenizer.replacements[0].content, "b");
}

#[test]
fn hostile_bytes_end() {
    let text =
        r#"{"auto_map": {"AutoModel": "o/r--m.M"}, "chat_template": "{{ x }}", "weight_map": {"a": "../b"}}"#;
    for at in 0..text.len() {
        for byte in [0, b'{', b'"', b'[', 0xff] {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = byte;
            let budget = crate::Budget::default();
            let _ = (FORMAT.parse)(&Input::new("tokenizer_config.json", &bytes, &budget));
            let _ = (FORMAT.parse)(&Input::new("tokenizer.json", &bytes[..at], &budget));
        }
    }
}
