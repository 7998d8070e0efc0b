use super::*;
use crate::Budget;

fn read(name: &str, bytes: &[u8]) -> (Mxnet, Vec<&'static str>) {
    let parsed = parse(&Input::new(name, bytes, &Budget::default()));
    let Facts::Mxnet(facts) = parsed.facts else { panic!("mxnet") };
    (facts, parsed.defects.iter().map(|defect| defect.code).collect())
}

/// One array of two floats with a name.
fn params(extent: u64) -> Vec<u8> {
    let words = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let array = [0xf993_fac9_u32, 0, 1].iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    [words(&[LIST, 0, 1]), array, words(&[extent, 1]), vec![0; 12], words(&[1, 1]), b"w".to_vec()].concat()
}

#[test]
fn arrays_and_names_are_read() {
    let whole = params(2);
    let (facts, defects) = read("m.params", &whole);
    assert_eq!((facts.arrays, defects), (vec!["w".to_owned()], vec![]));
    assert_eq!(read("m.params", &params(1 << 40)).1, ["mxnet-length"]);
    assert_eq!(read("m.params", &[&whole[..], b"x"].concat()).1, ["mxnet-trailing"]);
    for cut in 16..whole.len() {
        read("m.params", &whole[..cut]);
        let mut changed = whole.clone();
        changed[cut] ^= 0xff;
        read("m.params", &changed);
    }
}

#[test]
fn operators_and_references_are_read() {
    let text = |input: u32| {
        format!(
            r#"{{"nodes": [{{"op": "null", "name": "data", "inputs": []}}, {{"op": "Custom", "name": "c", "attrs": {{"op_type": "x"}}, "inputs": [[{input}, 0, 0]]}}], "arg_nodes": [0], "heads": [[1, 0, 0]]}}"#
        )
    };
    let (facts, defects) = read("m-symbol.json", text(0).as_bytes());
    assert_eq!(defects, [""; 0]);
    assert_eq!(facts.operators[1].kind, "Custom");
    assert_eq!(facts.operators[1].attributes, [("op_type".to_owned(), "x".to_owned())]);
    assert_eq!(read("m-symbol.json", text(9).as_bytes()).1, ["mxnet-reference"]);
}
