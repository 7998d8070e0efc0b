use super::*;
use crate::Budget;

fn element(kind: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = [&kind.to_le_bytes()[..], &(content.len() as u32).to_le_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn matrix(class: u8, shape: [u32; 2], name: &str, rest: &[u8]) -> Vec<u8> {
    let flags = [&[class, 0, 0, 0][..], &[0; 4]].concat();
    let shape = [shape[0].to_le_bytes(), shape[1].to_le_bytes()].concat();
    element(
        14,
        &[element(6, &flags), element(5, &shape), element(1, name.as_bytes()), rest.to_vec()].concat(),
    )
}

fn file(elements: &[u8]) -> Vec<u8> {
    let mut header = b"MATLAB 5.0 MAT-file".to_vec();
    header.resize(124, b' ');
    [&header[..], b"\0\x01IM", elements].concat()
}

fn read(bytes: &[u8]) -> (Mat, Vec<&'static str>) {
    let parsed = parse(&Input::new("x.mat", bytes, &Budget::default()));
    let Facts::Mat(facts) = parsed.facts else { panic!("mat") };
    (facts, parsed.defects.iter().map(|defect| defect.code).collect())
}

#[test]
fn variables_and_function_handles_are_read() {
    let numbers = matrix(6, [1, 2], "x", &element(9, &[0; 16]));
    let text = matrix(4, [1, 3], "", &element(16, b"sin"));
    let handle = matrix(16, [1, 1], "f", &text);
    let (facts, defects) = read(&file(&[numbers, handle].concat()));
    assert_eq!(defects, [""; 0]);
    assert_eq!(facts.variables[0].name, "x");
    assert_eq!((facts.functions[0].place.as_str(), facts.functions[0].text.as_str()), ("f", "sin"));
}

#[test]
fn shapes_and_sizes_that_lie_are_defects() {
    let whole = file(&matrix(6, [1, 2], "x", &element(9, &[0; 16])));
    assert_eq!(read(&file(&matrix(6, [9, 9], "x", &element(9, &[0; 16])))).1, ["mat-shape"]);
    assert_eq!(read(&file(&matrix(1, [1 << 30, 1 << 30], "x", b""))).1, ["mat-shape"]);
    assert_eq!(read(&whole[..whole.len() - 4]).1, ["mat-element"]);
    for cut in 128..whole.len() {
        read(&whole[..cut]);
        let mut changed = whole.clone();
        changed[cut] ^= 0xff;
        read(&changed);
    }
}

#[test]
fn level_four_is_read() {
    let whole =
        [&0_u32.to_le_bytes()[..], &[1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0], b"x\0", &[0; 8]]
            .concat();
    let (facts, defects) = read(&whole);
    assert_eq!((facts.level, facts.variables.len(), defects.len()), (4, 1, 0));
    assert_eq!(read(&whole[..whole.len() - 1]).1, ["mat-size"]);
}
