use super::*;
use crate::Budget;

fn read(bytes: &[u8]) -> (Java, Vec<&'static str>) {
    let budget = Budget::default();
    let parsed = parse(&Input::new("x.ser", bytes, &budget));
    let Facts::Java(facts) = parsed.facts else { panic!("java") };
    (facts, parsed.defects.iter().map(|defect| defect.code).collect())
}

/// An object of `class` with one text field.
fn object(class: &str) -> Vec<u8> {
    let mut bytes = b"\xac\xed\0\x05sr\0".to_vec();
    bytes.push(class.len() as u8);
    bytes.extend(class.as_bytes());
    bytes.extend(b"\0\0\0\0\0\0\0\x01\x02\0\x01L\0\x01at\0\x12Ljava/lang/String;xpt\0\x05hello");
    bytes
}

#[test]
fn classes_and_texts_are_read() {
    let (facts, defects) = read(&object("org.example.Model"));
    assert_eq!(defects, [""; 0]);
    assert_eq!(facts.classes[0].name, "org.example.Model");
    assert_eq!(facts.classes[0].fields, ["a"]);
    assert_eq!(facts.texts, ["Ljava/lang/String;", "hello"]);
}

#[test]
fn broken_streams_end_and_still_name_their_classes() {
    let whole = object("org.example.Model");
    for cut in 5..whole.len() {
        read(&whole[..cut]);
        let mut changed = whole.clone();
        changed[cut] ^= 0xff;
        read(&changed);
    }
    let mut broken = b"\xac\xed\0\x05s\x01\x02".to_vec();
    broken.extend(&whole[5..]);
    let (facts, defects) = read(&broken);
    assert_eq!(defects, ["java-element"]);
    assert_eq!(facts.classes[0].name, "org.example.Model");
}

#[test]
fn endless_nesting_stops() {
    let deep = [b"\xac\xed\0\x05".to_vec(), b"sr\0\x01a\0\0\0\0\0\0\0\0\x02\0\0".repeat(5000)].concat();
    assert_eq!(read(&deep).1, ["limit-java-depth"]);
}
