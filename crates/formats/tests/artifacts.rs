//! Parsers of model files: what they see in small files, and that nothing makes them panic.

use proptest::prelude::*;
use vauban_formats::{Budget, Facts, Input, Parsed};

fn parse(name: &str, bytes: &[u8]) -> Parsed {
    let budget = Budget::default();
    vauban_formats::parse(&Input::new(name, bytes, &budget))
}

/// Format, defect codes and a rendering of the facts.
fn seen(name: &str, bytes: &[u8]) -> String {
    let parsed = parse(name, bytes);
    let defects: Vec<&str> = parsed.defects.iter().map(|defect| defect.code).collect();
    let facts = match &parsed.facts {
        Facts::Pickle(pickle) => {
            pickle.streams.iter().map(|stream| stream.listing(20)).collect::<Vec<_>>().join("---\n")
        }
        other => format!("{other:#?}"),
    };
    format!("{} {defects:?}\n{facts}", parsed.format)
}

/// A pickle of every kind of opcode that libraries write.
fn pickle() -> Vec<u8> {
    let mut bytes =
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94K\x01\x8c\x01b\x94]\x94(G".to_vec();
    bytes.extend(1.5_f64.to_be_bytes());
    bytes.extend(
        b"NI01\n\x8a\x01\xffeu\x8c\x01c\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R\x94(h\x01K\x02us.",
    );
    bytes
}

fn npy() -> Vec<u8> {
    let header = "{'descr': [('a', '<i4'), ('b', '>f8', (2,))], 'fortran_order': False, 'shape': (1,), }\n";
    [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes(), &[0; 20]]
        .concat()
}

fn safetensors() -> Vec<u8> {
    let header = r#"{"__metadata__":{"format":"pt"},"w":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}"#;
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 8]].concat()
}

fn gguf() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let mut out = b"GGUF\x03\x00\x00\x00\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
    out.extend([text("general.name"), vec![8, 0, 0, 0], text("tiny")].concat());
    out.extend(
        [text("tokenizer.ggml.tokens"), vec![9, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], text("<s>")]
            .concat(),
    );
    out.extend([text("w"), vec![1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], vec![0; 8]].concat());
    out.resize(out.len().next_multiple_of(32) + 16, 0);
    out
}

fn zip() -> Vec<u8> {
    let mut out =
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0\x0a\0\0\0m/data.pklN.".to_vec();
    let start = out.len() as u32;
    let crc = {
        let mut crc = flate2::Crc::new();
        crc.update(b"N.");
        crc.sum().to_le_bytes()
    };
    out.splice(14..18, crc);
    out.extend(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0\0\0\0\0");
    out.extend(crc);
    out.extend(b"\x02\0\0\0\x02\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0m/data.pkl");
    let length = out.len() as u32 - start;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

#[test]
fn a_pickle() {
    insta::assert_snapshot!(seen("m.pkl", &pickle()), @r"
    pickle []
    from collections import OrderedDict
    v0 = collections.OrderedDict()  # at 0x4d
    v0.__setitem__('a', 2)  # at 0x54
    return {'a': 1, 'b': [1.5, None, True, -1], 'c': v0}
    ");
}

#[test]
fn an_array() {
    insta::assert_snapshot!(seen("a.npy", &npy()), @r#"
    npy []
    Npy(
        Npy {
            version: 1,
            dtype: "[('a', '<i4'), ('b', '>f8', (2,))]",
            element: None,
            fields: [
                "a",
                "b",
            ],
            shape: [
                1,
            ],
            fortran_order: false,
            objects: false,
            data_offset: 97,
        },
    )
    "#);
}

#[test]
fn values_of_arrays_in_both_byte_orders() {
    let of = |descr: &str, data: &[u8]| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n");
        let length = (header.len() as u16).to_le_bytes();
        let bytes = [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), data].concat();
        let (npy, defects) = vauban_formats::npy::read(&bytes);
        assert_eq!(defects, [], "{descr}");
        vauban_formats::npy::values(&npy, &bytes)
    };
    assert_eq!(of("<f8", &[1.5_f64.to_le_bytes(), (-2_f64).to_le_bytes()].concat()), Ok(vec![1.5, -2.0]));
    assert_eq!(of(">f4", &[1.5_f32.to_be_bytes(), (-2_f32).to_be_bytes()].concat()), Ok(vec![1.5, -2.0]));
    assert_eq!(of("<f2", &[0, 0x3e, 0, 0xc0]), Ok(vec![1.5, -2.0]));
    assert_eq!(of(">i2", &[0xff, 0xfe, 1, 0]), Ok(vec![-2.0, 256.0]));
    assert_eq!(of("|u1", &[255, 1]), Ok(vec![255.0, 1.0]));
    assert_eq!(of("|b1", &[0, 1]), Ok(vec![0.0, 1.0]));
    assert!(of("<U1", &[0; 8]).is_err());
}

#[test]
fn tensors() {
    let Facts::Safetensors(facts) = parse("m.safetensors", &safetensors()).facts else {
        panic!("no tensors")
    };
    assert_eq!(facts.elements(), 4);
    let Facts::Gguf(facts) = parse("m.gguf", &gguf()).facts else { panic!("no gguf") };
    assert_eq!((facts.elements(), facts.text("general.name")), (4, Some("tiny")));
    assert_eq!(parse("m.gguf", &gguf()).defects, []);
}

#[test]
fn an_archive() {
    let parsed = parse("m.pt", &zip());
    assert_eq!((parsed.format, parsed.defects.as_slice()), ("torch", [].as_slice()));
    assert_eq!(parsed.members.first().map(|member| member.parsed.format), Some("pickle"));
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let huge: &[&[u8]] = &[
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x80\x04B\xff\xff\xff\xff.",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
        b"\xff\xff\xff\xff\xff\xff\xff\x7f{\"",
        b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0",
    ];
    for bytes in huge {
        parse("m.safetensors", bytes);
        parse("m.pkl", bytes);
    }
}

#[test]
fn nesting_costs_no_stack() {
    let mut deep = b"\x80\x04".to_vec();
    deep.extend(std::iter::repeat_n(b"]", 300_000).flatten());
    deep.extend(std::iter::repeat_n(b"a", 299_999).flatten());
    deep.push(b'.');
    let (pickle, defects) = vauban_formats::pickle::read(&deep, &vauban_formats::Budget::default());
    assert!(pickle.streams.iter().all(|stream| stream.complete) && defects.is_empty(), "{defects:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for format in vauban_formats::FORMATS {
            let budget = Budget::default();
            let input = Input::new("input", &bytes, &budget);
            let _ = (format.recognise)(&input);
            let _ = (format.parse)(&input);
        }
    }

    #[test]
    fn mutated_files_never_panic(
        which in 0..5_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = [pickle, npy, safetensors, gguf, zip][which]();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let whole = parse("input.pkl", &bytes);
        whole.visit(|_, parsed| if let Facts::Pickle(pickle) = &parsed.facts {
            pickle.streams.iter().for_each(|stream| drop(stream.listing(50)));
        });
        bytes.truncate(cut.index(bytes.len()) + 1);
        let _ = parse("input.safetensors", &bytes);
    }
}
