use super::*;
use crate::Budget;

/// A length-delimited field.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut tag = number << 3 | 2;
    let mut bytes = Vec::new();
    while tag > 0x7f {
        bytes.push((tag & 0x7f) as u8 | 0x80);
        tag >>= 7;
    }
    bytes.push(tag as u8);
    bytes.push(u8::try_from(content.len()).unwrap());
    [bytes, content.to_vec()].concat()
}

fn read(bytes: &[u8]) -> (Coreml, usize) {
    let parsed = parse(&Input::new("m.mlmodel", bytes, &Budget::default()));
    let Facts::Coreml(facts) = parsed.facts else { panic!("coreml") };
    (facts, parsed.defects.len())
}

#[test]
fn custom_code_files_and_texts_are_read() {
    let layer = field(1, &[field(1, b"l"), field(500, &field(10, b"MyLayer"))].concat());
    let metadata = field(100, &field(3, b"me"));
    let linked = field(
        556,
        &field(1, &[field(1, &field(1, b"other.mlmodelc")), field(2, &field(1, b"../x"))].concat()),
    );
    let inner = [vec![8, 4], field(2, b""), field(555, &field(10, b"MyModel"))].concat();
    let whole =
        [vec![8, 4], field(2, &metadata), field(500, &layer), linked, field(202, &field(1, &inner))].concat();
    let (facts, defects) = read(&whole);
    assert_eq!(defects, 0);
    let classes: Vec<_> = facts.custom.iter().map(|custom| (custom.kind, custom.class.as_str())).collect();
    assert_eq!(classes, [("layer", "MyLayer"), ("model", "MyModel")]);
    assert_eq!(facts.files, ["other.mlmodelc", "../x"]);
    assert_eq!(facts.texts, [("author".to_owned(), "me".to_owned())]);
    for cut in 0..whole.len() {
        read(&whole[..cut]);
        let mut changed = whole.clone();
        changed[cut] ^= 0xff;
        read(&changed);
    }
}
