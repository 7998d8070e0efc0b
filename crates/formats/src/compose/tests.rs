//! Services in every way they are written.

use super::*;
use crate::Budget;

#[test]
fn services_are_read_in_both_forms() {
    let text = b"services:\n  llm:\n    image: ${IMAGE:-vllm/vllm-openai:v0.9}\n    command: --model a/b --api-key k\n    ports: [\"8000:8000\", \"127.0.0.1:${PORT:-9000}:9000/tcp\"]\n    environment:\n      - HF_TOKEN=abc\n      - PASSED\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n    privileged: true\n  db:\n    build: {context: ./db}\n    environment: {A: b}\n    ports: [{target: 80, published: 8080, host_ip: 127.0.0.1}, 5432]\n    depends_on: {llm: {condition: service_started}}\n";
    let budget = Budget::default();
    let input = Input::new("stack.yaml", text, &budget);
    assert_eq!(recognise(&input), Recognised::ByShape);
    let (compose, defects) = parse(&input);
    assert_eq!(defects, []);
    let [llm, db] = compose.services.as_slice() else { panic!("{compose:?}") };
    assert_eq!(
        (llm.image.as_str(), llm.image_name(), llm.repository()),
        ("vllm/vllm-openai:v0.9", "vllm-openai", "vllm/vllm-openai")
    );
    assert_eq!(llm.command, ["--model", "a/b", "--api-key", "k"]);
    assert_eq!(llm.ports.iter().map(Port::is_open).collect::<Vec<_>>(), [true, false]);
    assert_eq!((llm.ports[1].published.as_str(), llm.ports[1].target.as_str()), ("9000", "9000"));
    assert_eq!(llm.environment[1].value, None);
    assert_eq!(llm.privileged, Some(10));
    assert_eq!(db.build.as_deref(), Some("./db"));
    assert_eq!(db.depends_on, ["llm"]);
    assert_eq!(db.ports.iter().map(Port::is_open).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn other_yaml_is_left_alone() {
    let budget = Budget::default();
    for text in [
        "services:\n  a: 1\n",
        "apiVersion: v1\nservices:\n  a:\n    image: x\n",
        "jobs:\n  a:\n    services:\n      b:\n        image: x\n",
    ] {
        assert_eq!(recognise(&Input::new("values.yaml", text.as_bytes(), &budget)), Recognised::No, "{text}");
    }
}
